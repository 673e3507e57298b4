using System.Globalization;
using System.Net;
using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Networking;
using Tophalf.Linux;

namespace Tophalf.Userland.Ethtool;

/// <summary>ethtool -n and -N: flow steering rules, and which fields the receive hash covers (ethtool's rxclass.c).</summary>
internal static class FlowClassification
{
    private const string NotInserted = "Cannot insert classification rule", NotDeleted = "Cannot delete classification rule", NotRetrieved = "RX classification rule retrieval failed";

    private static readonly (string Word, byte Protocol, string Rule, string Hash)[] s_types =
    [
        ("tcp4", 6, "TCP over IPv4", "TCP over IPV4 flows"), ("udp4", 17, "UDP over IPv4", "UDP over IPV4 flows"), ("sctp4", 132, "SCTP over IPv4", "SCTP over IPV4 flows"),
    ];

    public static int? Show(EthtoolCall call) => call.Parameters switch
    {
        [] => ShowRules(call, null),
        ["rule", var number] when TryNumber(number, out ulong location) => ShowRules(call, (int)Math.Min(location, int.MaxValue)),
        ["rx-flow-hash", var type] => ShowHash(call, type),
        _ => null,
    };

    public static int? Set(EthtoolCall call) => call.Parameters switch
    {
        ["delete", var number] when TryNumber(number, out ulong location) => Delete(call, (int)Math.Min(location, int.MaxValue)),
        ["rx-flow-hash", var type, var fields] => SetHash(call, type, fields),
        ["flow-type", var type, ..] => Insert(call, type),
        _ => null,
    };

    private static int ShowRules(EthtoolCall call, int? location)
    {
        if (call.Ops?.GetFlowRules() is not { } rules)
        {
            if (location is null && call.Ops?.GetRss() is { } rss) call.Write($"{rss.RxRings} RX rings available\n");
            else if (location is null) _ = call.FailIoctl("Cannot get RX rings", call.Missing.Errno);
            _ = call.FailIoctl("rxclass: Cannot get RX class rule count", call.Missing.Errno);
            return call.Fail(NotRetrieved);
        }
        FlowRule[] shown = [.. rules.Where(rule => location is null || rule.Location == location)];
        if (location is not null && shown.Length == 0)
        {
            _ = call.FailIoctl("rxclass: Cannot get RX class rule", Errno.ENOENT);
            return call.Fail(NotRetrieved);
        }
        if (location is null)
            call.Write($"{call.Ops.GetRss()?.RxRings ?? 1} RX rings available\nTotal {rules.Count} rules\n\n");
        foreach (FlowRule rule in shown)
            call.Write(Text(rule));
        return 0;
    }

    private static string Text(FlowRule rule) => string.Create(CultureInfo.InvariantCulture, $"""
        Filter: {rule.Location}
        	Rule Type: {s_types.First(type => type.Protocol == rule.Protocol).Rule}
        	Src IP addr: {Address(rule.SourceAddress)} mask: {Address(~rule.SourceMask)}
        	Dest IP addr: {Address(rule.DestinationAddress)} mask: {Address(~rule.DestinationMask)}
        	TOS: 0x0 mask: 0xff
        	Src port: {rule.SourcePort} mask: 0x{(ushort)~rule.SourcePortMask:x}
        	Dest port: {rule.DestinationPort} mask: 0x{(ushort)~rule.DestinationPortMask:x}
        {(rule.Context == 0 ? "" : $"\tRSS Context ID: {rule.Context}\n")}	Action: {(rule.Queue == FlowRule.Drop ? "Drop" : $"Direct to queue {rule.Queue}")}


        """);

    private static string Address(uint value) => new IPAddress([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]).ToString();

    private static int? Insert(EthtoolCall call, string typeWord)
    {
        if (s_types.FirstOrDefault(type => type.Word == typeWord) is not { Word: not null } type)
            return null;
        var rule = new FlowRule { Location = -1, Protocol = type.Protocol, Queue = 0 };
        for (int i = 2; i < call.Parameters.Count; i++)
        {
            string name = call.Parameters[i];
            if (++i == call.Parameters.Count)
                return null;
            string value = call.Parameters[i];
            // A mask after "m" names the bits that do not matter, and is kept the other way round.
            string? mask = i + 2 < call.Parameters.Count && call.Parameters[i + 1] == "m" ? call.Parameters[i + 2] : null;
            if (Take(rule, name, value, mask) is not { } taken)
                return null;
            rule = taken;
            if (mask is not null)
                i += 2;
        }
        if (call.Ops is null)
            return Refuse(call, call.Missing.Errno);
        EthtoolResult result = call.Ops.InsertFlowRule(rule, out int location);
        if (result.Errno != Errno.None)
            return Refuse(call, result.Errno);
        call.Write($"Added rule with ID {location}\n");
        return 0;
    }

    private static int Refuse(EthtoolCall call, Errno errno)
    {
        _ = call.FailIoctl("rmgr: Cannot insert RX class rule", errno);
        return call.Fail(NotInserted);
    }

    private static FlowRule? Take(FlowRule rule, string name, string value, string? mask)
    {
        switch (name)
        {
            case "src-ip" when TryAddress(value, mask, out uint address, out uint bits): return rule with { SourceAddress = address & bits, SourceMask = bits };
            case "dst-ip" when TryAddress(value, mask, out uint address, out uint bits): return rule with { DestinationAddress = address & bits, DestinationMask = bits };
            case "src-port" when TryPort(value, mask, out ushort port, out ushort bits): return rule with { SourcePort = port, SourcePortMask = bits };
            case "dst-port" when TryPort(value, mask, out ushort port, out ushort bits): return rule with { DestinationPort = port, DestinationPortMask = bits };
            case "action" when value == "-1": return rule with { Queue = FlowRule.Drop };
            case "action" or "queue" when TryNumber(value, out ulong queue) && queue <= int.MaxValue: return rule with { Queue = (int)queue };
            case "context" when TryNumber(value, out ulong context) && context is > 0 and <= int.MaxValue: return rule with { Context = (int)context };
            case "loc" when TryNumber(value, out ulong location) && location <= int.MaxValue: return rule with { Location = (int)location };
            default: return null;
        }
    }

    private static bool TryAddress(string text, string? mask, out uint address, out uint bits)
    {
        bits = uint.MaxValue;
        if (!TryDotted(text, out address) || mask is null)
            return TryDotted(text, out address);
        if (!TryDotted(mask, out uint ignored))
            return false;
        bits = ~ignored;
        return true;
    }

    /// <summary>Four decimal numbers, as inet_pton takes an IPv4 address.</summary>
    private static bool TryDotted(string text, out uint address)
    {
        address = 0;
        string[] parts = text.Split('.');
        if (parts.Length != 4)
            return false;
        foreach (string part in parts)
        {
            if (!byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out byte number))
                return false;
            address = address << 8 | number;
        }
        return true;
    }

    private static bool TryPort(string text, string? mask, out ushort port, out ushort bits)
    {
        port = 0;
        bits = ushort.MaxValue;
        if (!TryNumber(text, out ulong value) || value > ushort.MaxValue)
            return false;
        port = (ushort)value;
        if (mask is null)
            return true;
        if (!TryNumber(mask, out ulong ignored) || ignored > ushort.MaxValue)
            return false;
        bits = (ushort)~ignored;
        return true;
    }

    private static bool TryNumber(string text, out ulong value) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static int Delete(EthtoolCall call, int location)
    {
        Errno errno = call.Ops?.DeleteFlowRule(location).Errno ?? call.Missing.Errno;
        if (errno == Errno.None)
            return 0;
        _ = call.FailIoctl("rmgr: Cannot delete RX class rule", errno);
        return call.Fail(NotDeleted);
    }

    private static int? ShowHash(EthtoolCall call, string typeWord)
    {
        if (s_types.FirstOrDefault(type => type.Word == typeWord) is not { Word: not null } type)
            return null;
        bool coversPorts = false;
        Errno errno = call.Ops?.GetHashFields(type.Protocol, out coversPorts).Errno ?? call.Missing.Errno;
        if (errno != Errno.None)
            return call.FailIoctl("Cannot get RX network flow hashing options", errno);
        call.Write($"{type.Hash} use these fields for computing Hash flow key:\nIP SA\nIP DA\n"
            + (coversPorts ? "L4 bytes 0 & 1 [TCP/UDP src port]\nL4 bytes 2 & 3 [TCP/UDP dst port]\n" : "") + "\n");
        return 0;
    }

    private static int? SetHash(EthtoolCall call, string typeWord, string fields)
    {
        if (s_types.FirstOrDefault(type => type.Word == typeWord) is not { Word: not null } type || fields.AsSpan().ContainsAnyExcept("mvtsdfnr"))
            return null;
        // Controllers hash the two addresses, or both with both ports.
        Errno errno = call.Ops is null ? call.Missing.Errno
            : fields.Order().SequenceEqual("ds") ? call.Ops.SetHashFields(type.Protocol, coversPorts: false).Errno
            : fields.Order().SequenceEqual("dfns") ? call.Ops.SetHashFields(type.Protocol, coversPorts: true).Errno
            : Errno.EINVAL;
        return errno == Errno.None ? 0 : call.FailIoctl("Cannot change RX network flow hashing options", errno);
    }
}
