using System.Collections.Immutable;

namespace Tophalf.Linux.Captures;

/// <summary>
/// What a capture takes: all that the readers of this room read, and the outputs of the programs people ask for. A star stands for one part of a
/// path; a path that ends in a slash is wanted for its name alone, such as the directories of handlers in /proc/irq.
/// </summary>
public static class CapturePlan
{
    /// <summary>Counters, taken twice.</summary>
    public static ImmutableArray<string> Counters { get; } =
    [
        ProcInterrupts.Path, ProcSoftirqs.Path, ProcStat.Path, SoftnetStat.Path, ProcNetDev.Path, ProcSchedstat.Path, "/proc/net/snmp", "/proc/pressure/*",
        "/proc/irq/*/spurious", "/proc/*/stat", "/sys/devices/system/cpu/cpu*/cpuidle/state*/usage", "/sys/devices/system/cpu/cpu*/cpuidle/state*/time",
    ];

    /// <summary>Settings, taken once.</summary>
    public static ImmutableArray<string> Settings { get; } =
    [
        KernelInfo.Path, "/proc/version", "/proc/sys/kernel/hostname", KernelCommandLine.Path, ProcModules.Path, "/proc/cpuinfo",
        "/proc/sys/net/core/netdev_budget", "/proc/sys/net/core/netdev_budget_usecs", "/proc/sys/net/core/netdev_max_backlog", "/proc/sys/net/core/dev_weight",
        "/proc/sys/kernel/nmi_watchdog", "/proc/sys/kernel/watchdog_thresh", "/sys/module/kvm_intel/parameters/enable_apicv", "/sys/module/kvm_amd/parameters/avic",
        "/sys/devices/system/cpu/cpu*/cpuidle/state*/name", "/sys/devices/system/cpu/cpu*/cpuidle/state*/latency", "/sys/devices/system/cpu/cpu*/cpuidle/state*/residency",
        "/proc/irq/default_smp_affinity", "/proc/irq/*/*", "/proc/irq/*/*/",
        "/sys/kernel/irq/*/*",
        "/sys/devices/system/cpu/*", "/sys/devices/system/cpu/cpu*/topology/*", "/sys/devices/system/cpu/cpu*/node*/", "/sys/devices/system/cpu/cpu*/online",
        "/sys/devices/system/node/node*/cpulist", "/sys/devices/system/node/node*/distance",
        "/sys/class/net/*/operstate", "/sys/class/net/*/mtu", "/sys/class/net/*/speed", "/sys/class/net/*/address", "/sys/class/net/*/device/uevent", "/sys/class/net/*/queues/*/*",
        "/sys/bus/pci/devices/*/class", "/sys/bus/pci/devices/*/vendor", "/sys/bus/pci/devices/*/device", "/sys/bus/pci/devices/*/irq", "/sys/bus/pci/devices/*/numa_node",
        "/sys/bus/pci/devices/*/local_cpulist", "/sys/bus/pci/devices/*/uevent", "/sys/bus/pci/devices/*/msi_irqs/*", "/sys/bus/pci/devices/*/net/*/",
        "/sys/bus/pci/devices/*/virtio*/net/*/", "/sys/bus/pci/devices/*/virtio*/block/*/", "/sys/bus/pci/devices/*/virtio*/uevent", "/sys/bus/pci/devices/*/nvme/*/",
    ];

    /// <summary>Programs whose output helps; ethtool's are asked for each interface.</summary>
    public static ImmutableArray<string> Commands { get; } = ["uname -a", "lscpu", "lspci -vnn", "dmesg", "ls -l /proc/irq/*/smp_affinity", "od -An -v -tx1 /sys/firmware/acpi/tables/APIC"];

    /// <summary>Asked with the name of each interface that has a device.</summary>
    public static ImmutableArray<string> InterfaceCommands { get; } = ["ethtool -i", "ethtool -c", "ethtool -g", "ethtool -l", "ethtool -k", "ethtool -x", "ethtool -S"];

    /// <summary>
    /// The paths of a machine that fit a pattern, in the machine's order. <paramref name="missing"/> is told of directories that the pattern names and that
    /// are not there, and of those that are there and may not be listed.
    /// </summary>
    public static IEnumerable<string> Expand(ILinuxMachine machine, string pattern, Action<string, Errno> missing)
    {
        string[] parts = pattern.Trim('/').Split('/');
        IEnumerable<string> found = [""];
        bool isNamed = true;
        foreach (string part in parts)
        {
            bool isFirst = isNamed;
            found = part.Contains('*') ? found.SelectMany(directory => Names(machine, directory, part, isFirst, missing)) : found.Select(directory => $"{directory}/{part}");
            isNamed &= !part.Contains('*');
        }
        return found;
    }

    private static IEnumerable<string> Names(ILinuxMachine machine, string directory, string part, bool isNamed, Action<string, Errno> missing)
    {
        string before = part[..part.IndexOf('*')];
        IReadOnlyList<string> names;
        try
        {
            names = machine.List(directory);
        }
        catch (LinuxException exception)
        {
            if (isNamed || exception.Errno is Errno.EACCES or Errno.EPERM)
                missing(directory, exception.Errno);
            return [];
        }
        return names.Where(name => name.StartsWith(before, StringComparison.Ordinal)).Select(name => $"{directory}/{name}");
    }
}
