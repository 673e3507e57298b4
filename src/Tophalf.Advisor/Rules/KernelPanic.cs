using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>The kernel has given up.</summary>
internal sealed class KernelPanic() : Rule(new RuleCard(
    "kernel-panic",
    "The kernel stopped: after a panic no processor runs anything, so whatever counters and rates the machine showed end there. A run of a twin ends with it too.",
    $"The log has the line '{Words}'.",
    "kernel/panic.c",
    Part.Log))
{
    private const string Words = "Kernel panic - not syncing";

    public override IEnumerable<Finding> Look(Observation seen)
    {
        if (seen.Log.FirstOrDefault(line => line.Contains(Words, StringComparison.Ordinal)) is not { } said)
            yield break;
        yield return Found(
            Severity.Error,
            "The kernel panicked, and the machine stands still.",
            [new Evidence("dmesg", said)],
            "read what the log says before the panic; switches that turn a report into a panic end in _panic (ls /proc/sys/kernel | grep panic)");
    }
}
