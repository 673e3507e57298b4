namespace Tophalf.Kernel.Scheduling.Accounting;

/// <summary>
/// Processor time as a kernel without IRQ_TIME_ACCOUNTING sees it: each tick belongs as a whole to what it interrupted (kernel/sched/cputime.c,
/// account_process_tick). Hard interrupts keep the tick away, so they never have any; short loads between two ticks do not exist.
/// </summary>
internal static class TickSamples
{
    public static CpuClass ClassOf(Work interrupted, bool isIdle) => interrupted switch
    {
        KernelTask { IsInUserMode: true } task => task.Nice > 0 ? CpuClass.Nice : CpuClass.User,
        KernelTask { IsKsoftirqd: true } => CpuClass.Softirq,
        KernelTask => CpuClass.System,
        _ => isIdle ? CpuClass.Idle : CpuClass.Softirq,
    };
}
