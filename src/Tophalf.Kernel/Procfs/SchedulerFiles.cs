using System.Text;
using Tophalf.Kernel.Scheduling;
using Tophalf.Kernel.Scheduling.Accounting;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Procfs;

/// <summary>What the scheduler tells: /proc/loadavg, /proc/schedstat, /proc/pressure, /proc/PID.</summary>
internal static class SchedulerFiles
{
    private const long UserTick = SimTime.Second / 100;

    /// <summary>fs/proc/loadavg.c: averages, running and all tasks, the last pid.</summary>
    public static string LoadAverage(Kernel kernel) =>
        $"{kernel.LoadAverage} {kernel.Cpus.Sum(cpu => cpu.Runqueue.Runnable)}/{kernel.Tasks.Count} {kernel.Tasks.Max(task => task.Pid)}\n";

    /// <summary>kernel/sched/psi.c psi_proc_init; null with psi=0.</summary>
    public static Directory? Pressure(Kernel kernel)
    {
        if (!kernel.Pressure.IsEnabled) return null;
        (string, Node)[] always =
        [
            ("cpu", new File(() => kernel.Pressure.Cpu)),
            ("io", new File(() => kernel.Pressure.Io)),
            ("memory", new File(() => PressureStall.Nothing)),
        ];
        bool hasIrq = kernel.Options.IrqTimeAccounting && new KernelProfile(kernel.Options.Release).HasIrqPressure;
        return Directory.Of(hasIrq ? [.. always, ("irq", new File(() => kernel.Pressure.Irq))] : always);
    }

    public static IEnumerable<string> Pids(Kernel kernel) => kernel.Tasks.Select(task => task.Pid.ToString());

    /// <summary>The directory of a process; null if there is none.</summary>
    public static Directory? Process(Kernel kernel, string name)
    {
        if (!int.TryParse(name, out int pid) || pid.ToString() != name) return null;
        return kernel.Tasks.FirstOrDefault(task => task.Pid == pid) is not { } task ? null : Directory.Of(
            ("comm", new File(() => task.FullName + "\n")),
            ("schedstat", new File(() => Synced(kernel, () => $"{Ns(task.RuntimePs)} {Ns(task.RunDelayPs)} {task.Arrivals}\n"))),
            ("stat", new File(() => Synced(kernel, () => Stat(task)))));
    }

    private static string Synced(Kernel kernel, Func<string> text)
    {
        kernel.Sync();
        return text();
    }

    /// <summary>fs/proc/array.c do_task_stat, 52 fields; the twin feeds those of the scheduler.</summary>
    private static string Stat(KernelTask task)
    {
        // The task of the stop class looks like one of SCHED_FIFO (sched_set_stop_task).
        int rtPriority = Math.Min(task.RtPriority, Policies.HighestRtPriority), effective = Math.Min(task.EffectivePriority, Policies.HighestRtPriority);
        bool isKernelThread = !task.IsUserTask;
        int priority = task.Policy switch
        {
            SchedulingPolicy.Deadline => -101,
            _ when effective > 0 => -1 - effective,
            _ => 20 + task.Nice,
        };
        string[] fields =
        [
            task.Pid.ToString(), $"({task.FullName})", State(task), isKernelThread ? "2" : "1", "0", "0", "0", "-1", isKernelThread ? "2129984" : "4194304",
            "0", "0", "0", "0", Ticks(task.RuntimePs - task.SystemPs), Ticks(task.SystemPs), "0", "0", priority.ToString(), task.Nice.ToString(), "1", "0", "0",
            .. Enumerable.Repeat("0", 16), task.Cpu.Id.ToString(), rtPriority.ToString(), Number(task.Policy), .. Enumerable.Repeat("0", 11),
        ];
        return string.Join(' ', fields) + "\n";
    }

    /// <summary>A worker without work sleeps as TASK_IDLE, which does not count as load.</summary>
    private static string State(KernelTask task) => !task.IsSleeping ? "R" : task.InIoWait ? "D" : task is BottomHalves.Worker ? "I" : "S";

    private static string Number(SchedulingPolicy policy) => (policy switch
    {
        SchedulingPolicy.Fifo => 1,
        SchedulingPolicy.RoundRobin => 2,
        SchedulingPolicy.Batch => 3,
        SchedulingPolicy.Idle => 5,
        SchedulingPolicy.Deadline => 6,
        _ => 0,
    }).ToString();

    private static string Ticks(long ps) => (ps / UserTick).ToString();
    private static long Ns(long ps) => ps / SimTime.Nanosecond;
}
