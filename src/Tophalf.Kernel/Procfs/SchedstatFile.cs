using System.Text;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Procfs;

/// <summary>
/// /proc/schedstat (kernel/sched/stats.c, show_schedstat): of each processor nine numbers, times in nanoseconds, and a line for each of its scheduling domains. The twin balances on
/// the widest domain only, so what it counts of that stands there.
/// </summary>
internal static class SchedstatFile
{
    /// <summary>Active balancing, and balancing at exec and fork, which the twin has not; then wake-ups, which it does not count by domain.</summary>
    private const int LastCounters = 12;

    private static readonly BalanceReason[] s_until16 = [BalanceReason.Idle, BalanceReason.Busy, BalanceReason.NewlyIdle], s_since16 = [BalanceReason.Busy, BalanceReason.Idle, BalanceReason.NewlyIdle];

    public static string Write(Kernel kernel)
    {
        kernel.Sync();
        int version = new KernelProfile(kernel.Options.Release).SchedstatVersion;
        var text = new StringBuilder();
        text.Append($"version {version}\ntimestamp {kernel.Jiffies(kernel.Events.NowPs)}\n");
        foreach (Cpu cpu in kernel.OnlineCpus)
        {
            RunqueueStatistics counts = cpu.Runqueue.Statistics;
            long taskPs = kernel.Tasks.Where(task => task.Cpu == cpu).Sum(task => task.RuntimePs);
            text.Append($"cpu{cpu.Id} 0 0 {counts.Schedules} {counts.GoesIdle} {counts.Wakeups} {counts.LocalWakeups} {Ns(taskPs)} {Ns(counts.RunDelayPs)} {counts.Arrivals}\n");
            SchedulingDomain[] domains = [.. SchedulingDomains.Of(kernel, cpu.Id)];
            for (int level = 0; level < domains.Length; level++)
            {
                text.Append($"domain{level} {(version >= 17 ? domains[level].Name + " " : "")}{domains[level].Span.ToHex(kernel.CpuCount)}");
                foreach (BalanceReason reason in version >= 16 ? s_since16 : s_until16)
                    Append(text, version, level == domains.Length - 1 ? kernel.Balancer.StatisticsOf(cpu, reason) : default);
                text.Insert(text.Length, " 0", LastCounters).Append('\n');
            }
        }
        return text.ToString();
    }

    /// <summary>Looks, balanced, failed, imbalance (since 17 of load, utilisation, tasks and misfits), gained, gained while cache hot, no busier queue, no busier group.</summary>
    private static void Append(StringBuilder text, int version, in BalanceStatistics found)
    {
        text.Append($" {found.Count} {found.Balanced} {found.Failed} {found.Imbalance}{(version >= 17 ? " 0 0 0" : "")} {found.Gained} 0 {found.Balanced} 0");
    }

    private static long Ns(long ps) => ps / SimTime.Nanosecond;
}
