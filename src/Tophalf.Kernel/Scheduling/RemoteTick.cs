using Tophalf.Kernel.BottomHalves;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// sched_tick_remote (kernel/sched/core.c): processors of nohz_full= whose tick has stopped are looked at once a second, by an unbound kworker of the others, so that the books of
/// their task are never older than that.
/// </summary>
internal static class RemoteTick
{
    public static void Start(Kernel kernel)
    {
        foreach (int id in kernel.TickParameters.NoHzFull)
        {
            Cpu cpu = kernel.Cpus[id];
            DelayedWork? again = null;
            again = new DelayedWork(new WorkStruct(_ =>
            {
                Cpu from = kernel.CurrentCpu!;
                if (from != cpu) cpu.TickFrom(from, from.LocalPs);
                kernel.Workqueues.QueueDelayed(kernel.Workqueues.Unbound, again!, kernel.Hz);
            }));
            kernel.Workqueues.QueueDelayed(kernel.Workqueues.Unbound, again, kernel.Hz);
        }
    }
}
