using Tophalf.Advisor.Rules;
using Tophalf.Twin.Reports;

namespace Tophalf.Advisor;

/// <summary>Asks every rule about a run.</summary>
public static class Findings
{
    private static readonly IRule[] s_rules =
    [
        new KernelReports(),
        new UnhandledLine(),
        new RingDrops(),
        new SocketDrops(),
        new OneCoreCarriesAll(),
        new KsoftirqdAtWork(),
        new InterruptPerPacket(),
        new BudgetSqueezed(),
    ];

    /// <summary>All findings, the most severe first, and otherwise in the order of the rules: a cause before its consequences.</summary>
    public static IReadOnlyList<Finding> Of(RunReport report) =>
        [.. s_rules.SelectMany(rule => rule.Look(report)).OrderByDescending(finding => finding.Severity)];
}
