using Tophalf.Linux;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// A kernel thread whose code is written like a handler: a piece of it runs in one go when the thread has the processor, and the time the piece spent
/// then passes as system time, which interrupts and other tasks may interrupt.
/// </summary>
public abstract class CodeTask(string comm, CpuMask allowed) : KernelTask(comm, allowed)
{
    private long _leftPs;

    protected override long PlanBody(long nowPs) => nowPs + _leftPs;

    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time)
    {
        time.Add(CpuClass.System, toPs - fromPs);
        _leftPs -= toPs - fromPs;
    }

    protected override void FinishBody(Cpu cpu, long nowPs)
    {
        _leftPs = cpu.RunCode(nowPs, this, static (task, on) => task.Next(on), out bool goesOn);
        // Somebody may have woken it while the time of its last piece passed, so it sleeps only after a look that took no time.
        if (goesOn || _leftPs > 0) cpu.Continue(nowPs);
        else Block(cpu, nowPs);
    }

    /// <summary>Runs the next piece; false when there is nothing to do until somebody wakes the thread. Then it is called once more after the time it spent.</summary>
    protected abstract bool Next(Cpu cpu);
}
