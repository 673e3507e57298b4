using System.Collections.Immutable;
using System.Globalization;

namespace Tophalf.Linux;

/// <summary>One task of /proc/PID/task/TID/stat, or of /proc/PID/stat where a machine shows no threads (fs/proc/array.c do_task_stat).</summary>
/// <param name="Name">At most 15 characters, as the kernel keeps them: ksoftirqd/3, irq/29-eth0-rx, CPU 0/KVM.</param>
/// <param name="State">R running or waiting for a CPU, S sleeping, D in uninterruptible sleep …</param>
/// <param name="IsKernelThread">A child of kthreadd.</param>
/// <param name="Ticks">User and system time in clock ticks of USER_HZ.</param>
/// <param name="Cpu">The CPU it ran on last.</param>
/// <param name="RealtimePriority">1 to 99 for FIFO and round robin, else 0.</param>
/// <param name="Policy">0 other, 1 FIFO, 2 round robin, 6 deadline (include/uapi/linux/sched.h).</param>
public sealed record ProcTask(int Pid, int Tid, string Name, char State, bool IsKernelThread, long Ticks, int Cpu, int RealtimePriority, int Policy)
{
    private const int Kthreadd = 2;

    /// <summary>Fields behind the name, counted from 0, which is the state.</summary>
    private const int ParentField = 1, UserField = 11, SystemField = 12, CpuField = 36, PriorityField = 37, PolicyField = 38;

    /// <summary>All tasks, by process and thread. Those that end meanwhile are left out.</summary>
    public static ImmutableArray<ProcTask> ReadAll(ILinuxMachine machine)
    {
        List<ProcTask> tasks = [];
        foreach (int pid in Numbers(machine.List("/proc")))
        {
            ImmutableArray<int> threads = Threads(machine, pid);
            if (threads.Length < 2)
                Add(OptionalFile.Read(machine, Invariant($"/proc/{pid}/stat")), pid, pid);
            foreach (int tid in threads.Length < 2 ? [] : threads)
                Add(OptionalFile.Read(machine, Invariant($"/proc/{pid}/task/{tid}/stat")), pid, tid);
            ReaderLimits.CheckRows(tasks.Count, 1);
        }
        return [.. tasks.OrderBy(task => task.Pid).ThenBy(task => task.Tid)];

        void Add(string? stat, int pid, int tid)
        {
            if (stat is not null && Parse(pid, tid, stat) is { } task)
                tasks.Add(task);
        }
    }

    /// <summary>null for a text of another form.</summary>
    public static ProcTask? Parse(int pid, int tid, string stat)
    {
        // The name stands in parentheses and may hold some itself.
        int open = stat.IndexOf('('), close = stat.LastIndexOf(')');
        if (open < 0 || close < open)
            return null;
        string[] fields = stat[(close + 1)..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length <= PolicyField)
            return null;
        long parent = Number(ParentField);
        return new ProcTask(
            pid, tid, stat[(open + 1)..close], fields[0][0], parent == Kthreadd || pid == Kthreadd, Number(UserField) + Number(SystemField),
            (int)Math.Min(Number(CpuField), CpuMask.MaxCpus), (int)Math.Min(Number(PriorityField), 100), (int)Math.Min(Number(PolicyField), 100));

        long Number(int field) => Fields.TryCounter(fields[field], out long value) ? Math.Min(value, long.MaxValue / 4) : 0;
    }

    private static ImmutableArray<int> Threads(ILinuxMachine machine, int pid)
    {
        try
        {
            return [.. Numbers(machine.List(Invariant($"/proc/{pid}/task")))];
        }
        catch (LinuxException)
        {
            return [];
        }
    }

    private static IEnumerable<int> Numbers(IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                yield return number;
        }
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
