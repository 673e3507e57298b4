using Tophalf.Linux;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// migration/N: the task of the stop class, which beats every other (kernel/stop_machine.c, sched/stop_task.c). It runs one function at a time, for those who must know
/// that a processor still switches tasks.
/// </summary>
public sealed class StopperTask : KernelTask
{
    /// <summary>Above all of SCHED_FIFO.</summary>
    private const int StopPriority = 100;

    private readonly Kernel _kernel;
    private Action? _function, _takeDown;

    internal StopperTask(Kernel kernel, Cpu cpu) : base($"migration/{cpu.Id}", CpuMask.Of(cpu.Id))
    {
        _kernel = kernel;
        Policy = SchedulingPolicy.Fifo;
        RtPriority = StopPriority;
        IsPerCpuThread = true;
    }

    /// <summary>stop_one_cpu_nowait, from an interrupt on its processor. One that waits already stands for this one too.</summary>
    internal void Request(Action function, Cpu cpu, long nowPs)
    {
        if (_function is not null) return;
        _function = function;
        _kernel.Wake(this, cpu, nowPs);
    }

    /// <summary>stop_machine for take_cpu_down, asked for by another processor; what waits already comes first.</summary>
    internal void RequestTakeDown(Action takeDown, Cpu from, long nowPs)
    {
        _takeDown = takeDown;
        _kernel.Wake(this, from, nowPs);
    }

    protected override long PlanBody(long nowPs) => nowPs;
    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time) => time.Add(CpuClass.System, toPs - fromPs);

    protected override void FinishBody(Cpu cpu, long nowPs)
    {
        _function?.Invoke();
        _function = null;
        _takeDown?.Invoke();
        _takeDown = null;
        Block(cpu, nowPs);
    }
}
