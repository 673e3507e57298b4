using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Tracing;

/// <summary>What the scheduler's tracepoints record of a task.</summary>
internal static class SchedulerTrace
{
    private const int IdlePriority = 120, HighestRealTime = 99;

    /// <summary>sched_waking and sched_wakeup, in interrupt or task context, with the task's lock held.</summary>
    public static void Wakeup(Kernel kernel, Tracepoint traced, KernelTask task, Cpu cpu, Cpu target, long nowPs)
    {
        if (traced.IsEnabled) kernel.Tracer.Record(traced, cpu, nowPs, irqsOff: true, 1, task.Comm, task.Pid, Priority(task), target.Id);
    }

    /// <summary>sched_switch, with the run queue's lock held; a task that still wants to run is marked as preempted.</summary>
    public static void Switch(Kernel kernel, Cpu cpu, KernelTask? previous, KernelTask? next, long nowPs)
    {
        Tracepoint traced = kernel.Tracer.Events.SchedSwitch;
        if (!traced.IsEnabled || previous == next) return;
        const long running = 0, sleeping = 1, preempted = 2;
        long state = previous is null ? running : previous.IsSleeping ? sleeping : preempted;
        kernel.Tracer.RecordSwitch(traced, cpu, previous, nowPs, (Comm(previous, cpu), Comm(next, cpu)),
            [previous?.Pid ?? 0, Priority(previous), state, next?.Pid ?? 0, Priority(next)]);
    }

    private static string Comm(KernelTask? task, Cpu cpu) => task?.Comm ?? $"swapper/{cpu.Id}";

    /// <summary>task_struct.prio: 100 and more are fair, 0 to 98 real-time, -1 deadline (include/linux/sched/prio.h).</summary>
    private static int Priority(KernelTask? task) => task switch
    {
        null => IdlePriority,
        { Policy: SchedulingPolicy.Deadline } => -1,
        _ when task.IsFair => IdlePriority + task.Nice,
        _ => HighestRealTime - task.EffectivePriority,
    };
}
