using System.Globalization;
using Tophalf.Kernel.Networking;
using Tophalf.Linux;

namespace Tophalf.Kernel.Procfs;

/// <summary>The files of one interface below /sys/class/net (net/core/net-sysfs.c).</summary>
internal sealed class NetFiles(Kernel kernel, NetDevice device)
{
    public Directory Tree() => Directory.Of(
    [
        ("ifindex", new File(() => device.InterfaceIndex + "\n")),
        ("address", new File(() => device.Address + "\n")),
        ("carrier", new File(() => "1\n")),
        ("operstate", new File(() => "up\n")),
        ("speed", new File(() => (device.SpeedMbps ?? -1) + "\n")),
        ("duplex", new File(() => device.SpeedMbps is null ? "unknown\n" : "full\n")),
        ("statistics", Statistics(() => device.LinkStatistics)),
        ("mtu", Mtu(() => device.Mtu, mtu => device.SetMtu(mtu).Errno)),
        .. Hardware(),
        ("queues", new Directory(QueueNames, Queue)),
        ("gro_flush_timeout", new File(() => device.GroFlushTimeoutPs / Simulation.SimTime.Nanosecond + "\n", text => Store(text, long.MaxValue / 1000, Errno.ERANGE, ns => device.SetGroFlushTimeout((long)ns)))),
        ("napi_defer_hard_irqs", new File(() => device.DeferHardIrqs + "\n", text => Store(text, int.MaxValue, Errno.ERANGE, polls => device.SetDeferHardIrqs((int)polls)))),
        ("threaded", new File(() => (device.IsThreaded ? 1 : 0) + "\n", text => Store(text, 1, Errno.EOPNOTSUPP, value => device.SetThreaded(value == 1)))),
    ]);

    /// <summary>The link to the device below the interface; a veth pair has none.</summary>
    private IEnumerable<(string, Node)> Hardware() => device.BusAddress is null ? [] :
    [
        ("device", new PciFiles(kernel).Of(device) ?? Directory.Of(("msi_irqs", new Directory(
            () => device.Lines.Select(line => line.Irq.ToString(CultureInfo.InvariantCulture)),
            irq => device.Lines.Any(line => line.Irq.ToString(CultureInfo.InvariantCulture) == irq) ? new File(() => "msix\n") : null)))),
    ];

    /// <summary>drivers/pci/iov.c, where the function has the capability.</summary>
    internal static IEnumerable<(string, Node)> Sriov(NetDevice device) => device.VirtualFunctions is not { } functions ? [] :
    [
        ("sriov_totalvfs", new File(() => functions.Total + "\n")),
        ("sriov_numvfs", new File(() => functions.Count + "\n", text => Store(text, ushort.MaxValue, Errno.EINVAL, count => functions.Set((int)count)))),
    ];

    internal static File Mtu(Func<int> get, Func<int, Errno> set) => new(() => get() + "\n", text => Store(text, int.MaxValue, Errno.EINVAL, mtu => set((int)mtu)));

    internal static Directory Statistics(Func<LinkStatistics> get) => Directory.Of([.. s_statistics.Select(row => (row.Name, new File(() => row.Value(get()) + "\n")))]);

    /// <summary>What the twin's wire never does is 0.</summary>
    private static readonly (string Name, Func<LinkStatistics, long> Value)[] s_statistics =
    [
        ("collisions", _ => 0), ("multicast", _ => 0), ("rx_bytes", link => link.RxBytes), ("rx_compressed", _ => 0), ("rx_crc_errors", _ => 0), ("rx_dropped", link => link.RxDropped),
        ("rx_errors", link => link.RxErrors), ("rx_fifo_errors", link => link.RxFifo), ("rx_frame_errors", _ => 0), ("rx_length_errors", link => link.RxLength),
        ("rx_missed_errors", link => link.RxMissed), ("rx_nohandler", _ => 0), ("rx_over_errors", _ => 0), ("rx_packets", link => link.RxPackets), ("tx_aborted_errors", _ => 0),
        ("tx_bytes", link => link.TxBytes), ("tx_carrier_errors", _ => 0), ("tx_compressed", _ => 0), ("tx_dropped", link => link.TxDropped), ("tx_errors", _ => 0), ("tx_fifo_errors", _ => 0),
        ("tx_heartbeat_errors", _ => 0), ("tx_packets", link => link.TxPackets), ("tx_window_errors", _ => 0),
    ];

    private IEnumerable<string> QueueNames() =>
        Enumerable.Range(0, device.Queues).Select(queue => $"rx-{queue}").Concat(Enumerable.Range(0, device.Queues).Select(queue => $"tx-{queue}"));

    private Directory? Queue(string name)
    {
        if (name.Length < 4 || !int.TryParse(name.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out int queue) || queue >= device.Queues || name[3..] != $"{queue}") return null;
        return name[..3] switch { "rx-" => Receive(queue), "tx-" => Transmit(queue), _ => null };
    }

    private Directory Receive(int queue) => Directory.Of(
        ("rps_cpus", new File(() => device.SteeringOf(queue).Cpus.ToHex(kernel.CpuCount) + "\n", text => StoreMask(text, cpus => device.SetReceiveCpus(queue, cpus)))),
        ("rps_flow_cnt", new File(() => device.SteeringOf(queue).FlowCount + "\n", text => Store(text, MostFlows, Errno.EINVAL, count => device.SetFlowCount(queue, (int)count)))));

    /// <summary>A device with one queue has nothing to choose: files about that are there and say ENOENT to whoever reads or writes them. No driver here limits the rate of a queue.</summary>
    private Directory Transmit(int queue) => Directory.Of(
        ("traffic_class", device.Queues == 1 ? new File(null) { ReadError = Errno.ENOENT } : new File(() => "0\n")),
        ("tx_maxrate", new File(() => "0\n", _ => Errno.EOPNOTSUPP)),
        ("tx_timeout", new File(() => "0\n")),
        ("xps_cpus", device.Queues == 1
            ? new File(null, _ => Errno.ENOENT) { ReadError = Errno.ENOENT }
            : new File(() => device.TransmitCpusOf(queue).ToHex(kernel.CpuCount) + "\n", text => StoreMask(text, cpus => device.SetTransmitCpus(queue, cpus)))));

    /// <summary>As many as the twin keeps; the kernel stops at what it can allocate.</summary>
    private const ulong MostFlows = 1 << 20;

    private Errno StoreMask(string text, Action<CpuMask> set)
    {
        Errno error = CpuMask.ParseHex(text, kernel.CpuCount, out CpuMask mask);
        if (error == Errno.None) set(mask);
        return error;
    }

    /// <summary>kstrtoul with base 0: decimal, 0x or 0 for octal, one newline at the end; EINVAL for what is no number.</summary>
    private static Errno Store(string text, ulong most, Errno tooMuch, Action<ulong> set) => Store(text, most, tooMuch, value =>
    {
        set(value);
        return Errno.None;
    });

    private static Errno Store(string text, ulong most, Errno tooMuch, Func<ulong, Errno> set)
    {
        if (!TryNumber(text.EndsWith('\n') ? text[..^1] : text, out ulong value)) return Errno.EINVAL;
        return value > most ? tooMuch : set(value);
    }

    private static bool TryNumber(string text, out ulong value)
    {
        value = 0;
        if (text.StartsWith('+')) text = text[1..];
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) return ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        if (text.Length < 2 || text[0] != '0') return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        foreach (char digit in text)
        {
            if (digit is < '0' or > '7' || value >> 61 != 0) return false;
            value = value << 3 | (uint)(digit - '0');
        }
        return true;
    }
}
