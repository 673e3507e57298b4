using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>ksoftirqd/N: runs softirqs as an ordinary task, so that other tasks get their turn under load (kernel/softirq.c, run_ksoftirqd).</summary>
public sealed class KsoftirqdTask : KernelTask
{
    private readonly Cpu _cpu;
    private bool _running;

    internal KsoftirqdTask(Cpu cpu) : base($"ksoftirqd/{cpu.Id}", Linux.CpuMask.Of(cpu.Id))
    {
        _cpu = cpu;
        IsKsoftirqd = IsPerCpuThread = true;
    }

    protected override long PlanBody(long nowPs)
    {
        if (!_running) return nowPs;
        return _cpu.Softirqs.Context.Plan(nowPs);
    }

    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time)
    {
        if (_running) _cpu.Softirqs.Context.Advance(fromPs, toPs, time);
        else time.Add(CpuClass.System, toPs - fromPs);
    }

    protected override void FinishBody(Cpu cpu, long nowPs)
    {
        if (_running)
        {
            if (!_cpu.Softirqs.Context.Step(nowPs))
            {
                cpu.Continue(nowPs);
                return;
            }
            _running = false;
            cpu.EndSoftirqs();
            if (cpu.CondReschedule(nowPs)) return;
        }
        if (cpu.Softirqs.Pending == 0)
        {
            Block(cpu, nowPs);
            return;
        }
        _running = true;
        cpu.BeginSoftirqs();
        cpu.Softirqs.Context.Begin(nowPs);
        cpu.Continue(nowPs);
    }
}
