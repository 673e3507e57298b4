using Tophalf.Advisor.Observations;
using Tophalf.Advisor.Rules;

namespace Tophalf.Advisor;

/// <summary>A rule that could not look, because the machine does not show a part it needs.</summary>
/// <param name="Why">The file or command and what came instead.</param>
public sealed record Blindness(string RuleId, Part Part, string Why);

/// <summary>What all rules together say of a machine.</summary>
/// <param name="Findings">The most severe first, and otherwise in the order of the rules: a cause before its consequences.</param>
/// <param name="Blind">Rules that could not look.</param>
public sealed record Diagnosis(IReadOnlyList<Finding> Findings, IReadOnlyList<Blindness> Blind);

/// <summary>Asks every rule about a machine.</summary>
public static class Doctor
{
    private static readonly Rule[] s_rules =
    [
        new KernelPanic(), new UnhandledLine(), new UnhandledGrowing(), new InterruptStorm(),
        new RingDrops(), new BacklogDrops(), new SocketDrops(),
        new OneCoreCarriesAll(), new QueuesOnOneCpu(), new QueuesAboveCpus(), new QueuesBelowPossible(), new RssUneven(), new SiblingsShareQueues(), new FarNode(),
        new IsolatedCpuInterrupted(), new MaskNotInForce(), new ManagedMask(), new SeveralMaskOwners(), new IrqbalanceFightsPins(), new VectorsRunOut(), new MissingFeature(),
        new SharedLine(),
        new KsoftirqdStarved(), new KsoftirqdAtWork(), new IrqThreadPriority(), new BudgetSqueezed(),
        new InterruptPerPacket(), new ModerationAtLowRate(), new AdaptiveOscillates(),
        new ErrorRow(ErrorRow.ApicErrors), new ErrorRow(ErrorRow.LevelAsEdge), new ErrorRow(ErrorRow.SpuriousVectors),
        new NmiWatchdog(), new IdleExits(), new PollingCore(), new NoPostedInterrupts(), new Steal(),
    ];

    /// <summary>What there is to know of each rule, in the order they are asked.</summary>
    public static IReadOnlyList<RuleCard> Cards { get; } = [.. s_rules.Select(rule => rule.Card)];

    public static Diagnosis Examine(Observation seen)
    {
        var findings = new List<Finding>();
        var blind = new List<Blindness>();
        foreach (Rule rule in s_rules)
        {
            Part[] hidden = [.. rule.Card.Needs.Where(part => !seen.Has(part))];
            if (hidden.Length > 0)
                blind.Add(new Blindness(rule.Card.Id, hidden[0], seen.Missing[hidden[0]]));
            else
                findings.AddRange(rule.Look(seen));
        }
        return new Diagnosis([.. findings.OrderByDescending(finding => finding.Severity)], blind);
    }
}
