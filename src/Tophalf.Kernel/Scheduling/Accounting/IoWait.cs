namespace Tophalf.Kernel.Scheduling.Accounting;

/// <summary>
/// nr_iowait of one processor: tasks that went to sleep there for a disk (kernel/sched/core.c, io_schedule). While there are any, what would be idle time is iowait.
/// </summary>
internal sealed class IoWait(Cpu cpu)
{
    public int Tasks { get; private set; }

    /// <summary>What a stretch without work is called now.</summary>
    public CpuClass IdleClass => Tasks > 0 ? CpuClass.IoWait : CpuClass.Idle;

    /// <summary>A task of this processor goes to sleep in io_schedule.</summary>
    public void Begins() => Tasks++;

    /// <summary>It wakes, perhaps to go elsewhere.</summary>
    public void Ends(long nowPs)
    {
        cpu.Sync(nowPs);
        Tasks--;
        cpu.Pressure.Changed(nowPs);
    }
}
