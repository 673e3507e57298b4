using Tophalf.Kernel.Scheduling;
using Tophalf.Kernel.Scheduling.Delays;
using Tophalf.Simulation;
using Tophalf.Twin.Workloads;

namespace Tophalf.Twin.Reports;

/// <summary>Puts delays and the tasks behind them into words.</summary>
internal static class DelayReports
{
    public static IReadOnlyList<DelayReport> Of(DelayLog log) => [.. log.Wakeups.Concat(log.Interrupts).Select(Of)];

    private static DelayReport Of(Delay delay) => new(
        delay.IsWakeup ? "wake-up" : "interrupt", delay.Who, delay.Cpu, delay.AtPs / (double)SimTime.Microsecond, Ns(delay.TotalPs),
        [.. delay.Parts.Select(part => new DelayPartReport(Words(part.Cause, delay.IsWakeup), part.By, Ns(part.Ps)))]);

    private static double Ns(long ps) => ps / (double)SimTime.Nanosecond;

    private static string Words(Occupation cause, bool isWakeup) => cause switch
    {
        Occupation.Halted => isWakeup ? "on its way to an idle CPU" : "CPU idle",
        Occupation.IdleExit => "idle exit",
        Occupation.Hardirq => "interrupt",
        Occupation.Softirq => "softirq",
        Occupation.Task => isWakeup ? "run queue" : "instruction boundary",
        Occupation.PreemptionOff => "preemption off",
        Occupation.InterruptsOff => "interrupts off",
        Occupation.Switch => "context switch",
        Occupation.Stolen => "taken by the host",
        Occupation.Delivery => "delivery and entry code",
        _ => "not recorded",
    };

    public static TaskReport Of(TaskLoad load, long nowPs) => new(
        load.Name, load.Tasks.Count, 100.0 * load.Tasks.Sum(task => task.RuntimePs) / Math.Max(1, nowPs), 100.0 * load.Tasks.Sum(task => task.RunDelayPs) / Math.Max(1, nowPs),
        load.Tasks.Sum(task => task.Wakeups),
        load.Latency is { } timer ? LatencyReport.Of(timer.InterruptPs) : LatencyReport.None,
        load.Latency is { } thread ? LatencyReport.Of(thread.ThreadPs) : LatencyReport.None);
}
