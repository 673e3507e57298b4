namespace Tophalf.Kernel.Procfs;

/// <summary>What a kernel does, and what its files look like, by its release: between the releases the twin can be, both changed.</summary>
internal sealed class KernelProfile
{
    private readonly (int Major, int Minor) _release;
    private readonly bool _hasRtPatches;

    /// <param name="release">As uname -r prints it, such as 6.1.0-56-amd64; what does not begin with two numbers is the newest.</param>
    public KernelProfile(string release)
    {
        _hasRtPatches = release.Split('-').Any(part => part.StartsWith("rt", StringComparison.Ordinal));
        string[] parts = release.Split('.', 3);
        string minor = parts.Length < 2 ? "" : new string([.. parts[1].TakeWhile(char.IsAsciiDigit)]);
        _release = int.TryParse(parts[0], out int major) && int.TryParse(minor, out int number) ? (major, number) : (int.MaxValue, 0);
    }

    /// <summary>Every PCI function has an interrupt domain of its own (drivers/pci/msi/irqdomain.c, since 6.2).</summary>
    public bool HasMsiDomainPerDevice => IsAtLeast(6, 2);

    /// <summary>A count in a line of /proc/interrupts stands before a blank, not behind one (kernel/irq/proc.c show_interrupts, until 6.13).</summary>
    public bool PutsBlankAfterCount => !IsAtLeast(6, 14);

    /// <summary>A line of /proc/net/softnet_stat ends with the lengths of the two queues (net/core/net-procfs.c softnet_seq_show, since 6.10).</summary>
    public bool ShowsSoftnetQueues => IsAtLeast(6, 10);

    /// <summary>An unknown NMI is put down to power saving (arch/x86/kernel/nmi.c unknown_nmi_error, until 6.2).</summary>
    public bool AsksAboutPowerSaving => !IsAtLeast(6, 3);

    /// <summary>A call trace begins with the user's number beside the task's (lib/dump_stack.c dump_stack_print_info, since 6.10).</summary>
    public bool ShowsUidInTraces => IsAtLeast(6, 10);

    /// <summary>An oops is called one (arch/x86/kernel/dumpstack.c __die_header, since 6.10).</summary>
    public bool SaysOops => IsAtLeast(6, 10);

    /// <summary>msleep adds a jiffy for the one that has begun already (kernel/time/timer.c, until 6.11).</summary>
    public bool SleepsOneJiffyMore => !IsAtLeast(6, 12);

    /// <summary>
    /// smp_affinity of a line that a person may not move has mode 0444 and answers EPERM; before, 0644 and EIO (kernel/irq/proc.c write_irq_affinity, since 6.11).
    /// </summary>
    public bool RefusesAffinityAsPermission => IsAtLeast(6, 11);

    /// <summary>/proc/interrupts keeps the row of a line without handlers as long as it has counts (kernel/irq/proc.c show_interrupts, until 6.10).</summary>
    public bool ShowsFreedLines => !IsAtLeast(6, 11);

    /// <summary>A plain char is unsigned on every architecture (Makefile, -funsigned-char, since 6.2); the format files of tracepoints show it.</summary>
    public bool HasUnsignedChar => IsAtLeast(6, 2);

    /// <summary>
    /// The version of /proc/schedstat (kernel/sched/stats.c, Documentation/scheduler/sched-stats.rst): 16 puts busy before idle (6.10), 17 names domains and has four kinds of
    /// imbalance (6.15).
    /// </summary>
    public int SchedstatVersion => IsAtLeast(6, 15) ? 17 : IsAtLeast(6, 10) ? 16 : 15;

    /// <summary>/proc/pressure has a file for interrupts, if the kernel measures their time (kernel/sched/psi.c, since 6.1).</summary>
    public bool HasIrqPressure => IsAtLeast(6, 1);

    /// <summary>The fair class is EEVDF (kernel/sched/fair.c, since 6.6); before, CFS.</summary>
    public bool HasEevdf => IsAtLeast(6, 6);

    /// <summary>Fair tasks that real-time tasks starve have a deadline server (kernel/sched/deadline.c, since 6.12); before, real-time tasks were throttled.</summary>
    public bool HasFairServer => IsAtLeast(6, 12);

    /// <summary>A processor whose idle periods are shorter than sysctl_sched_migration_cost does not look for work when it runs out of it (kernel/sched/fair.c, until 5.15).</summary>
    public bool BalancesLongIdlesAlone => !IsAtLeast(5, 16);

    /// <summary>
    /// Forced threading has a thread for the timer softirqs (kernel/softirq.c, since 6.13); PREEMPT_RT had it before, as one of the patches that a release of the form
    /// 6.1.0-rt, or 6.1.0-56-rt-amd64, names.
    /// </summary>
    public bool HasKtimers(Scheduling.PreemptionModel model) => IsAtLeast(6, 13) || model == Scheduling.PreemptionModel.Rt && _hasRtPatches && IsAtLeast(6, 1);

    /// <summary>Frames that a cpumap's thread sends up pass GRO (kernel/bpf/cpumap.c, since 6.15).</summary>
    public bool HasCpuMapGro => IsAtLeast(6, 15);

    /// <summary>virtio_net asks its device for statistics, and calls its own rx0_ and tx0_ (drivers/net/virtio_net.c, since 6.10).</summary>
    public bool HasDeviceStatistics => IsAtLeast(6, 10);

    /// <summary>virtio_net adapts its moderation by lib/dim, on a device that coalesces notifications (since 6.8).</summary>
    public bool HasVirtioDim => IsAtLeast(6, 8);

    private bool IsAtLeast(int major, int minor) => _release.CompareTo((major, minor)) >= 0;
}
