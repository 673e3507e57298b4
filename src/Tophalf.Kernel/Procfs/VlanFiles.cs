using System.Globalization;
using Tophalf.Kernel.Networking;
using Tophalf.Linux;

namespace Tophalf.Kernel.Procfs;

/// <summary>/proc/net/vlan (net/8021q/vlanproc.c), and a VLAN device below /sys/class/net.</summary>
internal static class VlanFiles
{
    private const string Config = "config";

    public static Directory Proc(NetLinks links) => new(
        () => links.Vlans.Select(vlan => vlan.Name).Prepend(Config),
        name => name == Config ? new File(() => List(links)) : links.Vlans.FirstOrDefault(vlan => vlan.Name == name) is { } vlan ? new File(() => Counters(vlan)) : null);

    /// <summary>vlan_seq_show.</summary>
    private static string List(NetLinks links) =>
        "VLAN Dev name\t | VLAN ID\nName-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD\n" + string.Concat(links.Vlans.OrderBy(vlan => vlan.InterfaceIndex).Select(vlan => $"{vlan.Name,-15}| {vlan.Id}  | {vlan.Real.Name}\n"));

    /// <summary>vlandev_seq_show. The private flags are IFF_802_1Q_VLAN and what a device without a queue has.</summary>
    private static string Counters(VlanDevice vlan)
    {
        LinkStatistics counts = vlan.Statistics;
        return string.Create(CultureInfo.InvariantCulture, $"""
            {vlan.Name}  VID: {vlan.Id}{'\t'} REORDER_HDR: 1  dev->priv_flags: 81021
            {"total frames received",30} {counts.RxPackets,12}
            {"total bytes received",30} {counts.RxBytes,12}
            {"Broadcast/Multicast Rcvd",30} {0,12}

            {"total frames transmitted",30} {counts.TxPackets,12}
            {"total bytes transmitted",30} {counts.TxBytes,12}
            Device: {vlan.Real.Name}
            INGRESS priority mappings: 0:0  1:0  2:0  3:0  4:0  5:0  6:0 7:0
             EGRESS priority mappings: {'\n'}
            """);
    }

    public static Directory Sys(VlanDevice vlan) => Directory.Of(
        ("ifindex", new File(() => vlan.InterfaceIndex + "\n")),
        ("iflink", new File(() => vlan.Real.InterfaceIndex + "\n")),
        ("address", new File(() => vlan.Real.Address + "\n")),
        ("carrier", vlan.IsUp ? new File(() => "1\n") : new File(null) { ReadError = Errno.EINVAL }),
        ("operstate", new File(() => vlan.IsUp ? "up\n" : "down\n")),
        ("mtu", NetFiles.Mtu(() => vlan.Mtu, mtu => NetDevice.SetVlanMtu(vlan, mtu).Errno)),
        ("statistics", NetFiles.Statistics(() => vlan.Statistics)));
}
