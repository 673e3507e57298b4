using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Tests.Shared;

/// <summary>A task that computes once per wake-up and sleeps again, and remembers when it got the processor and when it was through.</summary>
internal sealed class SleeperTask(string comm, CpuMask allowed, long computePs) : KernelTask(comm, allowed)
{
    private long _donePs;
    private bool _began;

    /// <summary>When each computation was through.</summary>
    public List<long> DonePs { get; } = [];

    /// <summary>The processor of each computation.</summary>
    public List<int> DoneOn { get; } = [];

    protected override long PlanBody(long nowPs)
    {
        _began = true;
        return nowPs + computePs - _donePs;
    }

    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time)
    {
        time.Add(CpuClass.User, toPs - fromPs);
        _donePs += toPs - fromPs;
    }

    protected override void FinishBody(Cpu cpu, long nowPs)
    {
        if (_began && _donePs == computePs)
        {
            DonePs.Add(nowPs);
            DoneOn.Add(cpu.Id);
        }
        _donePs = 0;
        _began = false;
        Block(cpu, nowPs);
    }
}
