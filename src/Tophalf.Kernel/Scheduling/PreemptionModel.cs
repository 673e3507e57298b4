namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// When a task that should give way does so (kernel/Kconfig.preempt). All but <see cref="Rt"/> are chosen at boot with <c>preempt=</c>
/// (CONFIG_PREEMPT_DYNAMIC); Rt is a kernel of its own.
/// </summary>
public enum PreemptionModel
{
    /// <summary>On the way back to user mode, and where kernel code says cond_resched().</summary>
    None,

    /// <summary>As None, and where kernel code says might_sleep().</summary>
    Voluntary,

    /// <summary>Anywhere in the kernel with a preempt count of zero.</summary>
    Full,

    /// <summary>As Full for real-time and deadline tasks; a fair task in the kernel is left alone until the next tick.</summary>
    Lazy,

    /// <summary>As Full; besides, interrupt handlers are threads, softirqs are left to tasks, and spinlocks sleep.</summary>
    Rt,
}

/// <summary>The model a kernel ends up with, and what it is called.</summary>
public static class Preemption
{
    /// <summary>Kernel code is preempted when an interrupt returns to it (irqentry_exit_cond_resched).</summary>
    public static bool PreemptsKernel(this PreemptionModel model) => model >= PreemptionModel.Full;

    /// <summary>setup_preempt_mode (kernel/sched/core.c): the last <c>preempt=</c> of the command line that names a mode; null when there is none.</summary>
    /// <param name="parameters">The command line's.</param>
    /// <param name="messages">What the kernel says of each.</param>
    public static PreemptionModel? Parse(IEnumerable<(string Name, string Value)> parameters, List<string> messages)
    {
        PreemptionModel? found = null;
        foreach ((string name, string mode) in parameters)
        {
            if (name != "preempt") continue;
            PreemptionModel? named = mode switch
            {
                "none" => PreemptionModel.None,
                "voluntary" => PreemptionModel.Voluntary,
                "full" => PreemptionModel.Full,
                "lazy" => PreemptionModel.Lazy,
                _ => null,
            };
            messages.Add(named is null ? $"Dynamic Preempt: unsupported mode: {mode}" : $"Dynamic Preempt: {mode}");
            found = named ?? found;
        }
        return found;
    }

    /// <summary>The word in the version that <c>uname -v</c> prints (init/Makefile, UTS_VERSION).</summary>
    public static string VersionWord(this PreemptionModel model) => model == PreemptionModel.Rt ? "PREEMPT_RT" : "PREEMPT_DYNAMIC";
}
