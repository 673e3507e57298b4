using Tophalf.Kernel.Scheduling;
using Tophalf.Kernel.Scheduling.Idle;
using Tophalf.Linux;

namespace Tophalf.Kernel;

/// <summary>How a kernel is booted.</summary>
public sealed record KernelOptions
{
    public required int Cpus { get; init; }

    /// <summary>CONFIG_HZ: 100, 250, 300 or 1000.</summary>
    public int Hz { get; init; } = 250;

    public string Release { get; init; } = "6.18.0";

    /// <summary>The kernel's command line, as the boot loader passes it; /proc/cmdline shows it.</summary>
    public string Cmdline { get; init; } = "";

    /// <summary>The board has an 8259 pair: sixteen legacy lines, and the vector of its cascade taken.</summary>
    public bool HasLegacyPic { get; init; }

    /// <summary>How the kernel was built to preempt; <c>preempt=</c> on the command line chooses another, but not to or from Rt.</summary>
    public PreemptionModel Preemption { get; init; } = PreemptionModel.Full;

    /// <summary>The processors' idle states; null for HLT alone, with the exit latency of the cost set.</summary>
    public IdleTable? IdleStates { get; init; }

    /// <summary>CPUID.06H:EAX[2], ARAT: the local APIC timer goes on in every C-state. Without, it stops in those deeper than C1.</summary>
    public bool HasArat { get; init; } = true;

    /// <summary>CONFIG_IRQ_TIME_ACCOUNTING: interrupts' time is measured, and no task's. Without it /proc/stat is what ticks found.</summary>
    public bool IrqTimeAccounting { get; init; } = true;

    /// <summary>Works packet by packet instead of run by run; slower, and never different.</summary>
    public bool Exact { get; init; }

    /// <summary>Hardware threads per core and cores per socket; logical processors are numbered as Linux does, first thread of every core first.</summary>
    public int ThreadsPerCore { get; init; } = 1;
    public int Sockets { get; init; } = 1;

    /// <summary>CONFIG_LOCKUP_DETECTOR, which distributions set.</summary>
    public bool HasLockupDetector { get; init; } = true;

    /// <summary>The processors have performance counters; virtual machines often have none.</summary>
    public bool HasPmu { get; init; } = true;

    /// <summary>CONFIG_DEBUG_ATOMIC_SLEEP: might_sleep() tells of a sleep where none may be. Distributions leave it off.</summary>
    public bool DebugAtomicSleep { get; init; }

    /// <summary>Enters an NMI without provision for another inside it, to see what that does.</summary>
    public bool HasNaiveNmiEntry { get; init; }

    /// <summary>The parameters of the command line.</summary>
    internal IEnumerable<(string Name, string Value)> Parameters => KernelCommandLine.Parse(Cmdline);

    /// <summary>The command line has this parameter with this value, "" for none.</summary>
    public bool HasParameter(string name, string value) => Parameters.Contains((name, value));

    public CpuPosition Place(int cpu)
    {
        int cores = Cpus / ThreadsPerCore;
        int core = cpu % cores;
        CpuMask siblings = CpuMask.Empty;
        for (int thread = 0; thread < ThreadsPerCore; thread++) siblings = siblings.With(core + thread * cores);
        return new CpuPosition(core / Math.Max(1, cores / Sockets), core % Math.Max(1, cores / Sockets), siblings);
    }
}

/// <summary>Where a logical processor sits: socket, core in it, and the hardware threads of that core.</summary>
public readonly record struct CpuPosition(int Socket, int Core, CpuMask Siblings);
