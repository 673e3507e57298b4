namespace Tophalf.Advisor;

/// <summary>A part of a machine a rule may want to see, and which may be hidden from it.</summary>
public enum Part
{
    /// <summary>/proc/interrupts.</summary>
    Interrupts,

    /// <summary>A second moment, without which counters are sums since boot and not rates.</summary>
    Rates,

    /// <summary>/proc/stat.</summary>
    Stat,

    /// <summary>/proc/net/softnet_stat.</summary>
    Softnet,

    /// <summary>/proc/net/dev.</summary>
    NetDev,

    /// <summary>/proc/net/snmp.</summary>
    Snmp,

    /// <summary>/proc/irq.</summary>
    IrqDirectory,

    /// <summary>Which lines' masks may be written (ls -l /proc/irq/*/smp_affinity).</summary>
    MaskModes,

    /// <summary>/sys/devices/system/cpu.</summary>
    Topology,

    /// <summary>Network interfaces with what ethtool says of them.</summary>
    Ethtool,

    /// <summary>/proc/cmdline.</summary>
    CommandLine,

    /// <summary>/proc/PID/stat of any tasks.</summary>
    Tasks,

    /// <summary>/proc/PID/stat of tasks that are not ours: the kernel's threads, and daemons.</summary>
    KernelThreads,

    /// <summary>/sys/devices/system/cpu/cpuN/cpuidle.</summary>
    IdleStates,

    /// <summary>The kernel's log.</summary>
    Log,
}
