using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>The host runs somebody else on the processor this CPU believes to have.</summary>
internal sealed class Steal() : Rule(new RuleCard(
    "steal",
    "Stolen time is time in which this CPU wanted to run and the host ran somebody else. An interrupt that comes then waits for the host's scheduler, and no setting in the guest shortens that.",
    $"{NoticeablePct:0} % of a CPU's time is steal; from {BadPct:0} % on a warning.",
    "arch/x86/kernel/kvm.c kvm_steal_clock; fs/proc/stat.c",
    Part.Stat))
{
    private const double NoticeablePct = 2;
    private const double BadPct = 10;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        ObservedCpu[] concerned = [.. seen.CpuTimes.Where(cpu => cpu.StealPct >= NoticeablePct)];
        if (concerned.Length == 0)
            yield break;
        ObservedCpu worst = concerned.MaxBy(cpu => cpu.StealPct)!;
        yield return Found(
            worst.StealPct >= BadPct ? Severity.Warning : Severity.Info,
            $"The host took {Wording.CpuNames([.. concerned.Select(cpu => cpu.Cpu)])} away: up to {Wording.Pct(worst.StealPct)} of the time.",
            [new Evidence("/proc/stat", $"CPU {worst.Cpu} steal {Wording.Pct(worst.StealPct)}, busy {Wording.Pct(worst.BusyPct)}")],
            "ask the host for CPUs of your own (pinned vCPUs, no overcommitment), or move the guest");
    }
}
