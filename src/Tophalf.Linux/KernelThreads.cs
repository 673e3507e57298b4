using System.Collections.Immutable;
using System.Globalization;

namespace Tophalf.Linux;

/// <summary>A thread of the kernel that works for interrupts.</summary>
/// <param name="Name">As in irq/29-eth0-rx, ksoftirqd/3, napi/eth0-8193, kworker/u8:1.</param>
/// <param name="Irq">Of irq/N-name threads: N.</param>
/// <param name="Cpu">The CPU it ran on last.</param>
/// <param name="Policy">0 other, 1 FIFO, 2 round robin, 6 deadline (include/uapi/linux/sched.h).</param>
/// <param name="Allowed">CPUs it may run on; null where the machine does not say.</param>
public sealed record KernelThread(int Pid, string Name, int? Irq, long UserTicks, long SystemTicks, int Cpu, int RealtimePriority, int Policy, CpuMask? Allowed);

/// <summary>The threads of the kernel in /proc: children of kthreadd (fs/proc/array.c, do_task_stat).</summary>
public static class KernelThreads
{
    private const int Kthreadd = 2;

    /// <summary>Fields of stat behind the name, counted from 0, which is the state.</summary>
    private const int ParentField = 1, UserField = 11, SystemField = 12, CpuField = 36, PriorityField = 37, PolicyField = 38;

    /// <summary>Ascending by pid. Threads that end meanwhile are left out; in a container there are none.</summary>
    public static ImmutableArray<KernelThread> Read(ILinuxMachine machine)
    {
        List<KernelThread> threads = [];
        foreach (string name in machine.List("/proc"))
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
                continue;
            if (OptionalFile.Read(machine, $"/proc/{name}/stat") is { } stat && Parse(pid, stat) is { } thread)
                threads.Add(thread with { Allowed = Allowed(OptionalFile.Read(machine, $"/proc/{name}/status")) });
            ReaderLimits.CheckRows(threads.Count, 1);
        }
        return [.. threads.OrderBy(thread => thread.Pid)];
    }

    /// <summary>The text of /proc/PID/stat; null for a task that is no child of kthreadd, or a text of another form.</summary>
    public static KernelThread? Parse(int pid, string stat)
    {
        // The name stands in parentheses and may hold some itself.
        int open = stat.IndexOf('('), close = stat.LastIndexOf(')');
        if (open < 0 || close < open)
            return null;
        string[] fields = stat[(close + 1)..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length <= PolicyField || Number(ParentField) != Kthreadd)
            return null;
        string name = stat[(open + 1)..close];
        return new KernelThread(pid, name, IrqOf(name), Number(UserField), Number(SystemField), (int)Number(CpuField), (int)Number(PriorityField), (int)Number(PolicyField), null);

        long Number(int field) => Fields.TryCounter(fields[field], out long value) && value <= int.MaxValue ? value : 0;
    }

    /// <summary>The kernel cuts names at 15 characters, so the number is whole but the handler's name may not be.</summary>
    private static int? IrqOf(string name)
    {
        if (!name.StartsWith("irq/", StringComparison.Ordinal))
            return null;
        ReadOnlySpan<char> rest = name.AsSpan(4);
        int end = rest.IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(end < 0 ? rest : rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out int irq) ? irq : null;
    }

    private static CpuMask? Allowed(string? status)
    {
        const string Key = "Cpus_allowed_list:";
        if (status is null)
            return null;
        foreach (TextLine line in new TextLines(status))
        {
            if (line.Text.StartsWith(Key))
                return CpuMask.ParseList(line.Text[Key.Length..].Trim().ToString(), CpuMask.MaxCpus, out CpuMask mask) == Errno.None ? mask : null;
        }
        return null;
    }
}
