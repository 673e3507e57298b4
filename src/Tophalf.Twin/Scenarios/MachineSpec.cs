using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Twin.Scenarios;

/// <summary>The processors and the kernel of a twin.</summary>
public sealed record MachineSpec
{
    /// <summary>The most CPUs a twin has.</summary>
    public const int MaxCpus = 512;

    public int Sockets { get; init; } = 1;

    /// <summary>Cores per socket.</summary>
    public int Cores { get; init; } = 4;

    /// <summary>Hardware threads per core.</summary>
    public int Threads { get; init; } = 1;

    public int Cpus => Sockets * Cores * Threads;

    /// <summary>Name of the cost set. Whether there is such a set is known to the cost model alone.</summary>
    public string Costs { get; init; } = "server-3ghz";

    /// <summary>Where the cost set is named, for a problem found later; null where the file leaves it out.</summary>
    public SourcePosition? CostsAt { get; init; }

    /// <summary>Name of the table of idle states; null for HLT alone.</summary>
    public string? Idle { get; init; }

    /// <summary>Where it is named.</summary>
    public SourcePosition? IdleAt { get; init; }

    /// <summary>The board has an 8259 pair and the legacy lines that come with it. A scenario's always has; a twin of a real machine, as that has.</summary>
    public bool HasLegacyPic { get; init; } = true;

    /// <summary>CPUID.06H:EAX[2]: the local APIC timers go on in C-states deeper than C1.</summary>
    public bool HasArat { get; init; } = true;

    /// <summary>A virtual machine: the part of the time, in millionths, that its host gives each processor's core to others.</summary>
    public int StealPpm { get; init; }

    /// <summary>How long others have it at a time, on average.</summary>
    public long StealSlicePs { get; init; } = 3 * SimTime.Millisecond;

    public KernelSpec Kernel { get; init; } = new();
}

/// <summary>How the twin's Linux was built and booted.</summary>
public sealed record KernelSpec
{
    /// <summary>Timer ticks per second: 100, 250, 300 or 1000 (kernel/Kconfig.hz).</summary>
    public int Hz { get; init; } = 250;

    /// <summary>How the kernel preempts, before <c>preempt=</c> on its command line.</summary>
    public PreemptionModel Preemption { get; init; } = PreemptionModel.Full;

    /// <summary>Whether interrupts' time is measured (CONFIG_IRQ_TIME_ACCOUNTING).</summary>
    public bool IrqTimeAccounting { get; init; } = true;

    /// <summary>The kernel tells of code that might sleep where it must not (CONFIG_DEBUG_ATOMIC_SLEEP).</summary>
    public bool DebugAtomicSleep { get; init; }

    /// <summary>What uname -r prints.</summary>
    public string Release { get; init; } = "6.18";

    /// <summary>Kernel parameters, as in /proc/cmdline.</summary>
    public string Cmdline { get; init; } = "";
}
