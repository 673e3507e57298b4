using Tophalf.Linux;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// A thread that every kernel has and that nothing wakes here: cpuhp/N, whose callbacks while a processor comes and goes cost nothing (kernel/cpu.c), and with PREEMPT_RT rcub/0,
/// which lends preempted readers priority after half a second. Readers here are whoever has bottom halves disabled, and rcuc/N, which wants to disable them too, has lent its own by then.
/// </summary>
internal sealed class DormantThread(string name, CpuMask allowed) : CodeTask(name, allowed)
{
    protected override bool Next(Cpu cpu) => false;
}
