using System.Text;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Procfs;

/// <summary>The files that only count: /proc/softirqs, /proc/stat, /proc/net/softnet_stat, /proc/net/dev.</summary>
internal static class StatFiles
{
    /// <summary>fs/proc/softirqs.c.</summary>
    public static string Softirqs(Kernel kernel)
    {
        var text = new StringBuilder(new string(' ', 20));
        foreach (Cpu cpu in kernel.Cpus) text.Append($"CPU{cpu.Id,-8}");
        text.Append('\n');
        foreach (SoftirqVector vector in Enum.GetValues<SoftirqVector>())
        {
            text.Append($"{vector,12}:");
            foreach (Cpu cpu in kernel.Cpus) text.Append($" {cpu.Softirqs[vector],10}");
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>fs/proc/stat.c; times in USER_HZ ticks of 10 ms.</summary>
    public static string Stat(Kernel kernel)
    {
        kernel.Sync();
        var text = new StringBuilder();
        CpuClass[] classes = Enum.GetValues<CpuClass>();
        text.Append("cpu  ").AppendJoin(' ', classes.Select(cls => kernel.Cpus.Sum(cpu => Ticks(kernel, cpu, cls)))).Append('\n');
        foreach (Cpu cpu in kernel.OnlineCpus) text.Append($"cpu{cpu.Id} ").AppendJoin(' ', classes.Select(cls => Ticks(kernel, cpu, cls))).Append('\n');
        ulong[] perIrq = new ulong[kernel.Irqs.NrIrqs];
        foreach (IrqDesc desc in kernel.Irqs.All) perIrq[desc.Irq] = desc.Total;
        ulong total = perIrq.Aggregate(0ul, (sum, count) => sum + count);
        foreach (ArchInterrupt row in Enum.GetValues<ArchInterrupt>())
        {
            // Function calls are counted once; the TLB row is part of them (arch_irq_stat_cpu).
            if (row is ArchInterrupt.TLB or ArchInterrupt.DFR or ArchInterrupt.PIN or ArchInterrupt.NPI or ArchInterrupt.PIW) continue;
            foreach (Cpu cpu in kernel.Cpus) total += cpu.Counts[row];
        }
        text.Append($"intr {total} ").AppendJoin(' ', perIrq).Append('\n');
        text.Append($"ctxt {kernel.Cpus.Sum(cpu => cpu.Runqueue.Switches)}\n");
        text.Append("btime 0\n");
        text.Append($"processes {kernel.Tasks.Count}\n");
        text.Append($"procs_running {kernel.Cpus.Sum(cpu => cpu.Runqueue.Runnable)}\nprocs_blocked {kernel.Cpus.Sum(cpu => cpu.IoWait.Tasks)}\n");
        SoftirqVector[] vectors = Enum.GetValues<SoftirqVector>();
        long[] softirqs = [.. vectors.Select(vector => kernel.Cpus.Sum(cpu => (long)cpu.Softirqs[vector]))];
        text.Append($"softirq {softirqs.Sum()} ").AppendJoin(' ', softirqs).Append('\n');
        return text.ToString();
    }

    /// <summary>Idle time is measured in any kernel; the rest is what ticks found where interrupts' time is not.</summary>
    private static long Ticks(Kernel kernel, Cpu cpu, CpuClass cls) =>
        (kernel.Options.IrqTimeAccounting || cls is CpuClass.Idle or CpuClass.IoWait ? cpu.Time : cpu.Sampled).Ticks(cls);

    /// <summary>net/core/net-procfs.c softnet_seq_show: thirteen columns, fifteen since 6.10.</summary>
    public static string SoftnetStat(Kernel kernel)
    {
        kernel.Sync();
        var text = new StringBuilder();
        int shown = new KernelProfile(kernel.Options.Release).ShowsSoftnetQueues ? 15 : 13;
        foreach (Cpu cpu in kernel.OnlineCpus)
        {
            SoftnetData softnet = cpu.Softnet;
            BacklogNapi backlog = softnet.Backlog;
            uint[] columns =
            [
                softnet.Processed, softnet.Dropped, softnet.TimeSqueeze, 0, 0, 0, 0, 0, 0, softnet.ReceivedRps, 0,
                (uint)(backlog.InputLength + backlog.ProcessLength), (uint)cpu.Id, (uint)backlog.InputLength, (uint)backlog.ProcessLength,
            ];
            text.AppendJoin(' ', columns.Take(shown).Select(column => column.ToString("x8"))).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>net/core/net-procfs.c dev_seq_printf_stats.</summary>
    public static string NetDev(Kernel kernel)
    {
        kernel.Sync();
        var text = new StringBuilder();
        text.Append("Inter-|   Receive                                                |  Transmit\n");
        text.Append(" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n");
        foreach (LinkState state in kernel.Links.All)
        {
            LinkStatistics link = state.Statistics;
            text.Append($"{state.Name,6}: {link.RxBytes,7} {link.RxPackets,7} {link.RxErrors,4} {link.RxDropped + link.RxMissed,4} {link.RxFifo,4} {link.RxLength,5} {0,10} {0,9} ");
            text.Append($"{link.TxBytes,8} {link.TxPackets,7} {0,4} {link.TxDropped,4} {0,4} {0,5} {0,7} {0,10}\n");
        }
        return text.ToString();
    }
}
