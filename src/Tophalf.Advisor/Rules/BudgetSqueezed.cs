using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>net_rx_action stopped with packets left.</summary>
internal sealed class BudgetSqueezed() : Rule(new RuleCard(
    "budget-squeezed",
    "The receive softirq stops after netdev_budget packets or netdev_budget_usecs with packets left, so that others get their turn. Now and then that is fairness at work; often, and with CPU time left, the budget is too small, and without time left the CPU has too much to do.",
    $"Any squeeze between two moments; from {OftenPerSecond:0} a second on a warning.",
    "net/core/dev.c net_rx_action; /proc/net/softnet_stat column 3",
    Part.Softnet, Part.Rates))
{
    private const double OftenPerSecond = 100;
    private const double SaturatedPct = 90;
    private const long DefaultBudget = 300;
    private const long DefaultBudgetUs = 4_000;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        List<ObservedCpu> concerned = [.. seen.CpuTimes.Where(cpu => cpu.TimeSqueeze > 0)];
        if (concerned.Count == 0)
            yield break;
        ObservedCpu worst = concerned.MaxBy(cpu => cpu.TimeSqueeze)!;
        string[] larger =
        [
            $"echo {2 * (seen.Setting("/proc/sys/net/core/netdev_budget") ?? DefaultBudget)} > /proc/sys/net/core/netdev_budget",
            $"echo {2 * (seen.Setting("/proc/sys/net/core/netdev_budget_usecs") ?? DefaultBudgetUs)} > /proc/sys/net/core/netdev_budget_usecs",
        ];
        string[] wider = [.. seen.Interfaces.Where(device => device.Lines.Any(line => line.Target(seen.Cpus) == worst.Cpu)).Select(device => device.MoreQueues(seen.Cpus.Count)).OfType<string>()];
        yield return Found(
            seen.Rate(worst.TimeSqueeze) >= OftenPerSecond ? Severity.Warning : Severity.Info,
            $"The receive softirq on {Wording.CpuNames([.. concerned.Select(cpu => cpu.Cpu)])} ran out of its budget {Wording.Count(concerned.Sum(cpu => cpu.TimeSqueeze))} times with packets left.",
            [
                new Evidence("/proc/net/softnet_stat", $"CPU {worst.Cpu} time_squeeze {Wording.Count(worst.TimeSqueeze)}, {seen.PerSecond(worst.TimeSqueeze)}"),
                new Evidence("/proc/stat", $"CPU {worst.Cpu} softirq {Wording.Pct(worst.SoftirqPct)}, busy {Wording.Pct(worst.BusyPct)}"),
            ],
            worst.BusyPct > SaturatedPct ? [.. wider, .. larger] : [.. larger, .. wider]);
    }
}
