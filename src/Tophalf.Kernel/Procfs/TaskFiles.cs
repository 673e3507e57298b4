using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Procfs;

/// <summary>/proc/PID: what the kernel tells of its tasks (fs/proc/array.c). Memory, signals and the like are not modelled and read 0.</summary>
internal static class TaskFiles
{
    private const int Kthreadd = 2, Init = 1;
    private const int UserHz = 100;

    /// <summary>The directory /proc with a directory for each task.</summary>
    public static Directory Beside(Directory proc, Kernel kernel) => new(
        () => proc.Names().Concat(kernel.Tasks.Select(task => task.Pid.ToString())),
        name => proc.Child(name) ?? (int.TryParse(name, out int pid) && kernel.Tasks.FirstOrDefault(task => task.Pid == pid) is { } task ? Task(task, kernel) : null));

    private static Directory Task(KernelTask task, Kernel kernel) => Directory.Of(
        ("comm", new File(() => task.Comm + "\n")),
        ("stat", new File(() => Stat(task, kernel))));

    /// <summary>do_task_stat: 52 fields. A user task's time counts as user time and a kernel thread's as system time.</summary>
    private static string Stat(KernelTask task, Kernel kernel)
    {
        kernel.Sync();
        long ticks = task.RuntimePs / (Simulation.SimTime.Second / UserHz);
        bool isRealtime = task.RtPriority > 0;
        long[] fields = new long[52];
        fields[3] = task.IsUserTask ? Init : Kthreadd;
        fields[task.IsUserTask ? 13 : 14] = ticks;
        fields[17] = isRealtime ? -1 - task.RtPriority : 20;
        fields[19] = 1;
        fields[38] = task.Cpu?.Id ?? 0;
        fields[39] = task.RtPriority;
        fields[40] = isRealtime ? 1 : 0;
        return $"{task.Pid} ({task.Comm}) {(task.IsSleeping ? 'S' : 'R')} {string.Join(' ', fields.Skip(3))}\n";
    }
}
