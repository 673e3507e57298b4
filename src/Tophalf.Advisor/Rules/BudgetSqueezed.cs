using Tophalf.Twin.Reports;

namespace Tophalf.Advisor.Rules;

/// <summary>
/// net_rx_action stopped with packets left, after netdev_budget packets or netdev_budget_usecs (net/core/dev.c). Now and then that is
/// fairness at work; often, it is a CPU with more packets than time.
/// </summary>
internal sealed class BudgetSqueezed : IRule
{
    private const double OftenPerSecond = 100;

    public IEnumerable<Finding> Look(RunReport report)
    {
        long squeezes = report.Cpus.Sum(cpu => cpu.TimeSqueeze);
        if (squeezes == 0)
            yield break;
        List<int> concerned = [.. report.Cpus.Where(cpu => cpu.TimeSqueeze > 0).Select(cpu => cpu.Cpu)];
        CpuReport worst = report.Cpus.MaxBy(cpu => cpu.TimeSqueeze)!;
        yield return new Finding(
            "budget-squeezed",
            report.PerSecond(worst.TimeSqueeze) >= OftenPerSecond ? Severity.Warning : Severity.Info,
            $"The receive softirq on {Load.CpuNames(concerned)} ran out of its budget {squeezes:N0} times with packets left.",
            [
                $"/proc/net/softnet_stat: CPU {worst.Cpu} time_squeeze {worst.TimeSqueeze:N0}, {report.PerSecond(worst.TimeSqueeze):N0} a second",
                $"/proc/stat: CPU {worst.Cpu} softirq {worst.SoftirqPct:0.0} %",
            ],
            ["echo 600 > /proc/sys/net/core/netdev_budget", "echo 8000 > /proc/sys/net/core/netdev_budget_usecs"]);
    }
}
