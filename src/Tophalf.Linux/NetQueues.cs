using System.Collections.Immutable;

namespace Tophalf.Linux;

/// <summary>One queue of an interface below /sys/class/net/IF/queues.</summary>
/// <param name="Name">rx-0, tx-3.</param>
/// <param name="Cpus">rps_cpus of a receive queue, xps_cpus of a transmit queue; null where the kernel does not say.</param>
public sealed record NetQueue(string Name, CpuMask? Cpus);

/// <summary>A network interface in sysfs (net/core/net-sysfs.c).</summary>
/// <param name="Driver">null for an interface without a device, such as lo.</param>
public sealed record NetInterface(string Name, string? Driver, string? State, ImmutableArray<NetQueue> Queues);

/// <summary>/sys/class/net: the interfaces and their queues.</summary>
public static class NetQueues
{
    public const string Path = "/sys/class/net";

    /// <summary>None where the machine hides sysfs.</summary>
    public static ImmutableArray<NetInterface> Read(ILinuxMachine machine)
    {
        List<NetInterface> interfaces = [];
        foreach (string name in OptionalFile.List(machine, Path))
        {
            string directory = $"{Path}/{name}";
            // bonding_masters is a file among the interfaces.
            ImmutableArray<NetQueue> queues = [.. OptionalFile.List(machine, $"{directory}/queues").Select(queue => ReadQueue(machine, $"{directory}/queues", queue))];
            if (queues.Length > 0)
            {
                string? driver = PciDevices.UeventValue(OptionalFile.Read(machine, $"{directory}/device/uevent"), "DRIVER=");
                interfaces.Add(new NetInterface(name, driver, OptionalFile.Read(machine, $"{directory}/operstate")?.Trim(), queues));
            }
            ReaderLimits.CheckRows(interfaces.Count, 1);
        }
        return [.. interfaces];
    }

    private static NetQueue ReadQueue(ILinuxMachine machine, string directory, string queue)
    {
        string file = queue.StartsWith("rx-", StringComparison.Ordinal) ? "rps_cpus" : "xps_cpus";
        string? text = OptionalFile.Read(machine, $"{directory}/{queue}/{file}");
        CpuMask mask = default;
        return new NetQueue(queue, text is not null && CpuMask.ParseHex(text, CpuMask.MaxCpus, out mask) == Errno.None ? mask : null);
    }
}
