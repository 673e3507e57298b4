using System.Globalization;
using Tophalf.Linux;

namespace Tophalf.Twin.Host;

/// <summary>Reads a machine twice and says what happened between.</summary>
public static class HostObserver
{
    /// <summary>Two readings <paramref name="durationNs"/> apart. Throws <see cref="LinuxException"/> or <see cref="ReaderException"/> where the machine shows no such files.</summary>
    public static HostObservation Observe(ILinuxMachine machine, long durationNs)
    {
        IrqDirectory settings = IrqDirectory.Read(machine);
        Snapshot before = Snapshot.Take(machine);
        machine.Sleep(durationNs);
        Snapshot after = Snapshot.Take(machine);
        double seconds = (after.AtNs - before.AtNs) / 1e9;
        int[] cpus = [.. after.Interrupts.Cpus];
        return new HostObservation
        {
            Seconds = seconds,
            Release = OptionalRelease(machine),
            Cpus = cpus,
            Lines = [.. after.Interrupts.Numbered.Select(row => Line(row, before.Interrupts[row.Irq!.Value], cpus, seconds, settings[row.Irq.Value]))],
            SystemVectors = [.. after.Interrupts.Named.Where(row => row.Counts.Length == cpus.Length).Select(row => Line(row, before.Interrupts[row.Label], cpus, seconds, null))],
            CpuShares = [.. cpus.Select(cpu => Share(before.Stat, after.Stat, cpu))],
            Interfaces = [.. after.NetDev.Interfaces.Select(device => Interface(before.NetDev[device.Name], device, seconds))],
            Softirqs = [.. after.Softirqs.Rows.Select(row => Softirq(row, before.Softirqs[row.Name], cpus, after.Softirqs, seconds))],
        };
    }

    private sealed record Snapshot(long AtNs, ProcInterrupts Interrupts, ProcSoftirqs Softirqs, ProcStat Stat, ProcNetDev NetDev)
    {
        public static Snapshot Take(ILinuxMachine machine) =>
            new(machine.NowNs, ProcInterrupts.Read(machine), ProcSoftirqs.Read(machine), ProcStat.Read(machine), ProcNetDev.Read(machine));
    }

    private static string OptionalRelease(ILinuxMachine machine)
    {
        try
        {
            return KernelInfo.Read(machine).Release;
        }
        catch (LinuxException)
        {
            return "unknown";
        }
    }

    private static HostLine Line(InterruptRow row, InterruptRow? before, int[] cpus, double seconds, IrqSettings? settings)
    {
        bool comparable = before is not null && before.Counts.Length == row.Counts.Length;
        double[] rates = new double[cpus.Length];
        for (int i = 0; i < rates.Length && i < row.Counts.Length; i++)
        {
            // The counters are 32 bits wide and wrap.
            rates[i] = comparable ? unchecked((uint)(row.Counts[i] - before!.Counts[i])) / seconds : 0;
        }
        return new HostLine(row.Label, row.Irq is null ? row.Description.Trim() : string.Join(", ", row.Actions), row.Chip ?? "", rates)
        {
            Irq = row.Irq,
            Flow = row.Flow ?? "",
            HardwareIrq = row.HardwareIrq ?? "",
            Allowed = settings?.Affinity is { } mask ? [.. Positions(mask, cpus)] : [],
            Effective = settings?.EffectiveAffinity is { } effective ? Positions(effective, cpus).Cast<int?>().FirstOrDefault() : null,
        };
    }

    private static IEnumerable<int> Positions(CpuMask mask, int[] cpus) => Enumerable.Range(0, cpus.Length).Where(i => mask.Contains(cpus[i]));

    private static HostCpu Share(ProcStat before, ProcStat after, int cpu)
    {
        CpuTimes? a = before.Cpus.FirstOrDefault(times => times.Cpu == cpu), b = after.Cpus.FirstOrDefault(times => times.Cpu == cpu);
        if (a is null || b is null || b.Total <= a.Total) return new HostCpu(0, 0, 0, 0, 0, 1);
        double total = b.Total - a.Total;
        return new HostCpu(
            (b.User + b.Nice - a.User - a.Nice) / total, (b.System - a.System) / total, (b.Irq - a.Irq) / total, (b.Softirq - a.Softirq) / total,
            (b.Iowait - a.Iowait) / total, (b.Idle - a.Idle) / total);
    }

    private static HostInterface Interface(NetDev? before, NetDev after, double seconds) => before is null
        ? new HostInterface(after.Name, 0, 0)
        : new HostInterface(after.Name, (after.Receive.Packets - before.Receive.Packets) / seconds, (after.Transmit.Packets - before.Transmit.Packets) / seconds);

    private static HostLine Softirq(SoftirqRow row, SoftirqRow? before, int[] cpus, ProcSoftirqs table, double seconds)
    {
        double[] rates = new double[cpus.Length];
        for (int i = 0; i < cpus.Length; i++)
        {
            int column = table.Cpus.IndexOf(cpus[i]);
            if (column >= 0 && before is not null && column < before.Counts.Length) rates[i] = unchecked((uint)(row.Counts[column] - before.Counts[column])) / seconds;
        }
        return new HostLine(row.Name, row.Name, "", rates);
    }
}
