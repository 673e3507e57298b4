using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;

namespace Tophalf.Tests.Kernel.Scheduling;

/// <summary>Tasks on a bench: hogs that never sleep, and sleepers that are woken at given moments.</summary>
internal sealed class SchedulingBench(
    int cpus = 1, string cmdline = "", int hz = 250, string release = "6.18.0", PreemptionModel preemption = PreemptionModel.Full, int sockets = 1)
{
    public KernelBench Bench { get; } = new(cpus, cmdline: cmdline, hz: hz,
        configure: options => options with { HasLockupDetector = false, Release = release, Preemption = preemption, Sockets = sockets });

    public PeriodicTask Hog(
        SchedulingPolicy policy = SchedulingPolicy.Fair, int priority = 0, int nice = 0, CpuClass cls = CpuClass.User, long computePs = SimTime.Second,
        DeadlineParameters? promised = null, int cpu = 0) => Start(new PeriodicTask(Bench.Kernel, "hog", cpu, computePs, 0, cls)
        {
            Policy = policy,
            RtPriority = priority,
            Nice = nice,
            DeadlineParameters = promised,
        }, cpu);

    public SleeperTask Sleeper(SchedulingPolicy policy = SchedulingPolicy.Fair, int priority = 0, int cpu = 0, long computePs = 10 * SimTime.Microsecond, long slicePs = 0)
    {
        var task = new SleeperTask("sleeper", CpuMask.Of(cpu), computePs) { Policy = policy, RtPriority = priority, SlicePs = slicePs };
        Bench.Kernel.AddTask(task, Bench.Kernel.Cpus[cpu]);
        return task;
    }

    public T Start<T>(T task, int cpu) where T : KernelTask
    {
        Bench.Kernel.AddTask(task, Bench.Kernel.Cpus[cpu]);
        Bench.Kernel.Wake(task, Bench.Kernel.Cpus[cpu], Bench.NowPs);
        return task;
    }

    /// <summary>A timer of the processor wakes the task then.</summary>
    public void WakeAt(long atPs, KernelTask task, int from = 0) => Bench.Kernel.Cpus[from].Tick.Start(
        new HrTimer(cpu => Bench.Kernel.Wake(task, cpu, cpu.LocalPs), HrTimerMode.Hard), atPs, Bench.NowPs);

    public void RunUntil(long untilPs) => Bench.RunUntil(untilPs);
}
