using System.Globalization;
using System.Text;
using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Networking.Xdp;

namespace Tophalf.Userland.Programs;

/// <summary>What <c>ip link show</c> prints of one device (ip/ipaddress.c of iproute2 6.1, print_linkinfo and print_stats64).</summary>
internal static class IpLinkText
{
    private const string Indent = "    ";

    /// <summary>Where a heading for compressed packets would stand.</summary>
    private static readonly string Compressed = new(' ', 11);

    public static string Of(LinkState link, int statistics, bool details)
    {
        var text = new StringBuilder();
        string? below = link.Vlan?.Below ?? link.Peer;
        string queueing = below is not null ? link.IsUp ? "noqueue" : "noop" : link.Queues > 1 ? "mq" : "pfifo_fast";
        string program = link.Xdp is { } xdp ? xdp.Mode == XdpMode.Generic ? "xdpgeneric " : "xdp " : "";
        text.Append(CultureInfo.InvariantCulture, $"{link.Index}: {link.Name}{(below is null ? "" : $"@{below}")}: <BROADCAST,MULTICAST{(link.IsUp ? ",UP,LOWER_UP" : "")}> mtu {link.Mtu} {program}qdisc {queueing} ");
        text.Append(CultureInfo.InvariantCulture, $"state {(link.IsUp ? "UP" : "DOWN")} mode DEFAULT group default qlen 1000\n");
        text.Append(Indent).Append("link/ether ").Append(link.Address.ToString()).Append(" brd ff:ff:ff:ff:ff:ff");
        if (details)
            AddDetails(text, link);
        text.Append('\n');
        // The twin's programs are no BPF, so they have neither tag nor code to be told of.
        if (link.Xdp is { } attached)
            text.Append(CultureInfo.InvariantCulture, $"{Indent}prog/xdp id {attached.Id} \n");
        if (statistics > 0)
            AddStatistics(text, link, withErrors: statistics > 1);
        for (int i = 0; i < link.VirtualFunctions.Count; i++)
        {
            (MacAddress address, int limit) = link.VirtualFunctions[i];
            string rate = limit == 0 ? "" : $", tx rate {limit} (Mbps), max_tx_rate {limit}Mbps";
            text.Append(CultureInfo.InvariantCulture, $"{Indent}vf {i} {Indent}link/ether {address} brd ff:ff:ff:ff:ff:ff{rate}, spoof checking on, link-state auto, trust off\n");
        }
        return text.ToString();
    }

    private static void AddDetails(StringBuilder text, LinkState link)
    {
        text.Append(CultureInfo.InvariantCulture, $" promiscuity 0  allmulti 0 minmtu {link.LeastMtu} maxmtu {link.MostMtu} ");
        if (link.Peer is not null)
            text.Append(CultureInfo.InvariantCulture, $"\n{Indent}veth ");
        if (link.Vlan is { } vlan)
            text.Append(CultureInfo.InvariantCulture, $"\n{Indent}vlan protocol 802.1Q id {vlan.Id} <REORDER_HDR> ");
        text.Append(CultureInfo.InvariantCulture, $"addrgenmode eui64 numtxqueues {link.MostQueues} numrxqueues {link.MostQueues} gso_max_size 65536 gso_max_segs 65535 tso_max_size 65536 tso_max_segs 65535 gro_max_size 65536 ");
        if (link.Parent is { } parent)
            text.Append("parentbus ").Append(parent.Bus).Append(" parentdev ").Append(parent.Name).Append(' ');
    }

    /// <summary>Columns are as wide as their widest number, or their heading.</summary>
    private static void AddStatistics(StringBuilder text, LinkState state, bool withErrors)
    {
        LinkStatistics link = state.Statistics;
        long[] received = [link.RxBytes, link.RxPackets, link.RxErrors, link.RxDropped, link.RxMissed, 0], receiveErrors = [0, link.RxLength, 0, 0, link.RxFifo, 0];
        long[] sent = [link.TxBytes, link.TxPackets, 0, link.TxDropped, 0, 0], sendErrors = [0, 0, 0, 0, 0, state.Vlan is null ? 1 : 0];
        int[] widths = ["*X errors:".Length, "packets".Length, "errors".Length, "dropped".Length, "heartbt".Length, "overrun".Length];
        foreach (long[] row in withErrors ? [received, receiveErrors, sent, sendErrors] : new[] { received, sent })
        {
            for (int i = 0; i < widths.Length; i++)
                widths[i] = Math.Max(widths[i], row[i].ToString(CultureInfo.InvariantCulture).Length);
        }
        AddTable(text, widths, "RX:", ["bytes", "packets", "errors", "dropped", "missed", "mcast"], received);
        if (withErrors)
            AddTable(text, widths, "RX errors:", ["", "length", "crc", "frame", "fifo", "overrun"], receiveErrors, link.OtherHost);
        AddTable(text, widths, "TX:", ["bytes", "packets", "errors", "dropped", "carrier", "collsns"], sent);
        if (withErrors)
            AddTable(text, widths, "TX errors:", ["", "aborted", "fifo", "window", "heartbt", "transns"], sendErrors);
    }

    /// <summary>A heading and its numbers; errors have none in the first column.</summary>
    /// <param name="text">Goes on there.</param>
    /// <param name="widths">Of the columns.</param>
    /// <param name="title">Of the table.</param>
    /// <param name="names">Of the columns.</param>
    /// <param name="numbers">Below them.</param>
    /// <param name="otherHost">A column of its own where it is not 0.</param>
    private static void AddTable(StringBuilder text, int[] widths, string title, string[] names, long[] numbers, long otherHost = 0)
    {
        bool isErrors = names[0].Length == 0;
        text.Append(Indent).Append(title).Append(isErrors ? "".PadLeft(widths[0] - title.Length) : " " + names[0].PadLeft(widths[0] - title.Length - 1));
        for (int i = 1; i < names.Length; i++)
            text.Append(' ').Append(names[i].PadLeft(widths[i]));
        int width = Math.Max("otherhost".Length, otherHost.ToString(CultureInfo.InvariantCulture).Length);
        if (otherHost > 0)
            text.Append(' ').Append("otherhost".PadLeft(width));
        text.Append(isErrors ? "\n" : Compressed + "\n").Append(Indent);
        for (int i = 0; i < numbers.Length; i++)
            text.Append((i == 0 && isErrors ? "" : numbers[i].ToString(CultureInfo.InvariantCulture)).PadLeft(widths[i])).Append(' ');
        if (otherHost > 0)
            text.Append(otherHost.ToString(CultureInfo.InvariantCulture).PadLeft(width)).Append(' ');
        text.Append('\n');
    }
}
