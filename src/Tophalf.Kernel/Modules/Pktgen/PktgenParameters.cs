using System.Globalization;
using Tophalf.Hardware.Devices;
using Tophalf.Linux;

namespace Tophalf.Kernel.Modules.Pktgen;

/// <summary>
/// What is written to a device's file (pktgen_if_write of net/core/pktgen.c): a name and a value; what came of it is in the file's last line. Labels of MPLS, IPv6 and packets
/// injected as if received are not here.
/// </summary>
internal static class PktgenParameters
{
    private const int LongestName = 15, LongestWord = 31, AnyNumber = 10;

    /// <summary>Ethernet, IPv4 and UDP: no packet is smaller.</summary>
    private const ulong SmallestPacket = 14 + 20 + 8;

    /// <summary>A delay that stands for never.</summary>
    private const ulong Never = 0x7FFFFFFF;

    public static Errno Write(PktgenDevice device, string text, int nodes)
    {
        var words = new PktgenWords(text);
        string name = words.Word(LongestName);
        string? result = WriteWord(device, name, words, out Errno error) ?? WriteNumber(device, name, words.Number(AnyNumber), nodes, ref error) ?? WriteTag(device, name, words);
        if (error != Errno.None) return error;
        if (result is null) error = Errno.EINVAL;
        result ??= $"No such parameter \"{name}\"";
        if (result.Length > 0) device.Result = result;
        return error;
    }

    /// <summary>Parameters that are words. Null for others.</summary>
    private static string? WriteWord(PktgenDevice device, string name, PktgenWords words, out Errno error)
    {
        PktgenHeaders headers = device.Headers;
        error = Errno.None;
        string word = words.Rest(LongestWord);
        switch (name)
        {
            case "dst" or "dst_min":
                if (word != headers.DstMin) headers.CurDestination = PktgenHeaders.Address(headers.DstMin = word);
                return $"OK: dst_min={word}";
            case "dst_max":
                if (word != headers.DstMax) headers.CurDestination = PktgenHeaders.Address(headers.DstMax = word);
                return $"OK: dst_max={word}";
            case "src_min":
                if (word != headers.SrcMin) headers.CurSource = PktgenHeaders.Address(headers.SrcMin = word);
                return $"OK: src_min={word}";
            case "src_max":
                if (word != headers.SrcMax) headers.CurSource = PktgenHeaders.Address(headers.SrcMax = word);
                return $"OK: src_max={word}";
            case "dst_mac":
                if (!MacAddress.TryParse(word, out MacAddress to)) error = Errno.EINVAL;
                else headers.DstMac = to;
                return $"OK: dstmac {to}";
            case "src_mac":
                if (!MacAddress.TryParse(word, out MacAddress from)) error = Errno.EINVAL;
                else headers.SrcMac = from;
                return $"OK: srcmac {from}";
            case "flag": return WriteFlag(headers, word);
            case "xmit_mode": return WriteMode(device, word, out error);
            case "clear_counters":
                device.ClearCounters();
                return "OK: Clearing counters.\n";
            default: return null;
        }
    }

    private static string WriteFlag(PktgenHeaders headers, string word)
    {
        uint flag = PktgenFlags.Parse(word, out bool off);
        if (flag == 0) return $"Flag -:{word}:- unknown\nAvailable flags, (prepend ! to un-set flag):\n{PktgenFlags.Available}";
        headers.Flags = off ? headers.Flags & ~flag : headers.Flags | flag;
        return $"OK: flags=0x{headers.Flags:x}";
    }

    private static string WriteMode(PktgenDevice device, string word, out Errno error)
    {
        error = word == "netif_receive" ? Errno.EOPNOTSUPP : Errno.None;
        switch (word)
        {
            case "start_xmit":
                device.Mode = XmitMode.StartXmit;
                break;
            case "queue_xmit":
                device.Mode = XmitMode.QueueXmit;
                device.LastOk = true;
                break;
            default: return $"xmit_mode -:{word}:- unknown\nAvailable modes: start_xmit, netif_receive\n";
        }
        return $"OK: xmit_mode={word}";
    }

    /// <summary>Parameters that are numbers. Null for others.</summary>
    private static string? WriteNumber(PktgenDevice device, string name, ulong value, int nodes, ref Errno error)
    {
        PktgenHeaders headers = device.Headers;
        switch (name)
        {
            case "min_pkt_size" or "max_pkt_size" or "pkt_size": return WriteSize(headers, name, (uint)Math.Max(value, SmallestPacket));
            case "frags":
                device.Frags = (int)value;
                return Said(name, device.Frags);
            case "debug": return Said(name, (uint)value);
            case "delay":
                device.DelayNs = value == Never ? PktgenDevice.NeverNs : value;
                return Said(name, device.DelayNs);
            case "rate":
                if (value == 0) return "";
                device.DelayNs = (ulong)headers.MinPktSize * 8 * 1000 / value;
                return Said(name, value);
            case "ratep":
                if (value == 0) return "";
                device.DelayNs = 1_000_000_000 / value;
                return Said("rate", value);
            case "count":
                device.Count = value;
                return Said(name, value);
            case "clone_skb":
                if (value > 0 && !device.Outgoing.SharesSkbs) error = Errno.ENOTSUPP;
                else device.CloneSkb = (int)value;
                return Said(name, device.CloneSkb);
            case "burst":
                if (value > 1 && (device.Mode == XmitMode.QueueXmit || !device.Outgoing.SharesSkbs)) error = Errno.ENOTSUPP;
                else device.Burst = value < 1 ? 1 : (uint)value;
                return Said(name, device.Burst);
            case "node":
                if (value >= (ulong)nodes) return "ERROR: node not possible";
                device.Node = (int)value;
                return Said(name, device.Node);
            case "skb_priority":
                device.SkbPriority = (uint)(value % 1_000_000_000);
                return Said(name, (int)device.SkbPriority);
            default: return WriteHeaderNumber(headers, name, value);
        }
    }

    private static string WriteSize(PktgenHeaders headers, string name, uint bytes)
    {
        bool isNew = bytes != (name == "max_pkt_size" ? headers.MaxPktSize : headers.MinPktSize);
        if (isNew) headers.CurPktSize = bytes;
        if (isNew && name != "max_pkt_size") headers.MinPktSize = bytes;
        if (isNew && name != "min_pkt_size") headers.MaxPktSize = bytes;
        return Said(name, (int)bytes);
    }

    private static string? WriteHeaderNumber(PktgenHeaders headers, string name, ulong value)
    {
        var port = (ushort)value;
        switch (name)
        {
            case "udp_src_min":
                headers.CurUdpSrc = headers.UdpSrcMin == port ? headers.CurUdpSrc : port;
                return Said(name, headers.UdpSrcMin = port);
            case "udp_src_max":
                headers.CurUdpSrc = headers.UdpSrcMax == port ? headers.CurUdpSrc : port;
                return Said(name, headers.UdpSrcMax = port);
            case "udp_dst_min":
                headers.CurUdpDst = headers.UdpDstMin == port ? headers.CurUdpDst : port;
                return Said(name, headers.UdpDstMin = port);
            case "udp_dst_max":
                headers.CurUdpDst = headers.UdpDstMax == port ? headers.CurUdpDst : port;
                return Said(name, headers.UdpDstMax = port);
            case "src_mac_count":
                headers.CurSrcMacOffset = headers.SrcMacCount == value ? headers.CurSrcMacOffset : 0;
                return Said(name, (int)(headers.SrcMacCount = (uint)value));
            case "dst_mac_count":
                headers.CurDstMacOffset = headers.DstMacCount == value ? headers.CurDstMacOffset : 0;
                return Said(name, (int)(headers.DstMacCount = (uint)value));
            case "flows": return Said(name, headers.Flows = (uint)Math.Min(value, PktgenHeaders.MostFlows));
            case "flowlen": return Said(name, headers.FlowLength = (uint)value);
            case "queue_map_min": return Said(name, headers.QueueMapMin = port);
            case "queue_map_max": return Said(name, headers.QueueMapMax = port);
            default: return null;
        }
    }

    /// <summary>Tags and the type of service, whose numbers have so many digits. Null for others.</summary>
    private static string? WriteTag(PktgenDevice device, string name, PktgenWords words)
    {
        PktgenHeaders headers = device.Headers;
        switch (name)
        {
            case "vlan_id" or "svlan_id":
                bool isOuter = name == "svlan_id";
                ulong id = words.Number(4);
                if (id > 4095 || isOuter && !headers.Vlan.IsOn)
                {
                    headers.Vlan = headers.Vlan with { Id = VlanTag.None };
                    headers.Svlan = headers.Svlan with { Id = VlanTag.None };
                    return "";
                }
                if (isOuter) headers.Svlan = headers.Svlan with { Id = (ushort)id };
                else headers.Vlan = headers.Vlan with { Id = (ushort)id };
                return Said(name, id);
            case "vlan_p" or "svlan_p":
                return TryTag(headers, name[0] == 's', words.Number(1), most: 7, (tag, value) => tag with { Priority = value }, out ulong priority) ? Said(name, priority) : $"ERROR: {name} must be 0-7";
            case "vlan_cfi" or "svlan_cfi":
                return TryTag(headers, name[0] == 's', words.Number(1), most: 1, (tag, value) => tag with { Cfi = value }, out ulong cfi) ? Said(name, cfi) : $"ERROR: {name} must be 0-1";
            case "tos":
                if (!byte.TryParse(words.Rest(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte tos) || words.Rest(2).Length < 2) return "ERROR: tos must be 00-ff";
                device.Tos = tos;
                return $"OK: tos=0x{tos:x2}";
            default: return null;
        }
    }

    private static bool TryTag(PktgenHeaders headers, bool isOuter, ulong value, ulong most, Func<VlanTag, byte, VlanTag> set, out ulong taken)
    {
        taken = value;
        if (value > most || !(isOuter ? headers.Svlan : headers.Vlan).IsOn) return false;
        if (isOuter) headers.Svlan = set(headers.Svlan, (byte)value);
        else headers.Vlan = set(headers.Vlan, (byte)value);
        return true;
    }

    private static string Said<T>(string name, T value) where T : IFormattable => $"OK: {name}={value.ToString(null, CultureInfo.InvariantCulture)}";
}
