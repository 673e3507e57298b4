using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>Softirqs that do not end are handed to ksoftirqd.</summary>
internal sealed class KsoftirqdAtWork() : Rule(new RuleCard(
    "ksoftirqd-at-work",
    "Softirqs that keep coming back are handed to ksoftirqd after ten passes or two milliseconds, and it waits for its turn among the tasks. Latency then grows by the scheduler's slices, and the tasks lose what it takes.",
    $"A ksoftirqd uses more than {NoticeablePct:0} % of its CPU.",
    "kernel/softirq.c handle_softirqs",
    Part.KernelThreads, Part.Rates))
{
    private const double NoticeablePct = 10;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        List<ObservedTask> concerned = [.. seen.Tasks.Where(task => task.Name.StartsWith("ksoftirqd/", StringComparison.Ordinal) && task.BusyPct > NoticeablePct)];
        if (concerned.Count == 0)
            yield break;
        ObservedTask worst = concerned.MaxBy(task => task.BusyPct)!;
        var evidence = new List<Evidence> { new($"/proc/{worst.Tid}/stat", $"{worst.Name} uses {Wording.Pct(worst.BusyPct ?? 0)} of CPU {worst.Cpu}") };
        if (seen.CpuTime(worst.Cpu) is { } cpu)
        {
            evidence.Add(new Evidence("/proc/stat", $"CPU {cpu.Cpu} softirq {Wording.Pct(cpu.SoftirqPct)}, idle {Wording.Pct(cpu.IdlePct)}"));
            evidence.Add(new Evidence("/proc/net/softnet_stat", $"CPU {cpu.Cpu} time_squeeze {Wording.Count(cpu.TimeSqueeze)}"));
        }
        IEnumerable<ObservedInterface> polled = seen.Interfaces.Where(device => device.Lines.Any(line => line.Target(seen.Cpus) is { } target && concerned.Any(task => task.Cpu == target)));
        yield return Found(
            Severity.Warning,
            $"Softirqs on {Wording.CpuNames([.. concerned.Select(task => task.Cpu)])} no longer end by themselves; ksoftirqd runs them between the tasks.",
            evidence,
            [.. polled.Select(device => device.MoreQueues(seen.Cpus.Count) ?? device.FewerInterrupts ?? device.SpreadInSoftware)]);
    }
}
