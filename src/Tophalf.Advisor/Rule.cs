using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor;

/// <summary>One thing that can be the matter with a machine.</summary>
internal abstract class Rule(RuleCard card)
{
    public RuleCard Card { get; } = card;

    /// <summary>What this rule finds, one finding for each device, line or CPU concerned; nothing when all is well. All parts it needs are there.</summary>
    public abstract IEnumerable<Finding> Look(Observation seen);

    protected Finding Found(Severity severity, string says, IReadOnlyList<Evidence> evidence, params IReadOnlyList<string> remedies) =>
        new(Card, severity, says, evidence, remedies);
}
