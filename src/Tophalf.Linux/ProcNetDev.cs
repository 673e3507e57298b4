using System.Collections.Immutable;

namespace Tophalf.Linux;

/// <summary>One direction of an interface's counters in /proc/net/dev.</summary>
/// <param name="Frame">Receive: length, overrun, CRC and alignment errors. Transmit: collisions.</param>
/// <param name="Carrier">Transmit: carrier, aborted, window and heartbeat errors. Receive: 0.</param>
/// <param name="Multicast">Receive only.</param>
public readonly record struct NetDevCounters(
    long Bytes, long Packets, long Errors, long Dropped, long Fifo, long Frame, long Carrier, long Compressed, long Multicast);

/// <summary>One network interface's line of /proc/net/dev.</summary>
public sealed record NetDev(string Name, NetDevCounters Receive, NetDevCounters Transmit);

/// <summary>/proc/net/dev: counters of the network interfaces (net/core/net-procfs.c, dev_seq_printf_stats).</summary>
public sealed record ProcNetDev(ImmutableArray<NetDev> Interfaces)
{
    public const string Path = "/proc/net/dev";

    private const int Columns = 16;

    public static ProcNetDev Read(ILinuxMachine machine) => Parse(machine.Read(Path));

    /// <summary>Throws <see cref="ReaderException"/> when the two header lines are missing or a row does not have 16 counters.</summary>
    public static ProcNetDev Parse(string text)
    {
        ReaderLimits.CheckText(text, Path);
        ImmutableArray<NetDev>.Builder interfaces = ImmutableArray.CreateBuilder<NetDev>();
        int headers = 0;
        foreach (TextLine line in new TextLines(text))
        {
            if (line.Text.Contains('|'))
            {
                headers++;
            }
            else if (headers > 0 && !line.Text.IsWhiteSpace())
            {
                interfaces.Add(Interface(line));
                ReaderLimits.CheckRows(interfaces.Count, line.Number);
            }
        }
        if (headers != 2)
            throw ReaderException.WrongFile(Path, 1, 1, "not the two header lines \"Inter-|   Receive\" and \" face |bytes\"");
        return new ProcNetDev(interfaces.DrainToImmutable());
    }

    /// <summary>The interface of that name, or null.</summary>
    public NetDev? this[string name] => Interfaces.FirstOrDefault(netDev => netDev.Name == name);

    /// <summary>The name ends at the last colon: the 2.x series listed aliases such as eth0:1. Wide counters touch the colon.</summary>
    private static NetDev Interface(TextLine line)
    {
        int colon = line.Text.LastIndexOf(':');
        string name = colon < 0 ? "" : line.Text[..colon].Trim().ToString();
        if (name.Length == 0)
            throw ReaderException.WrongFile(Path, line.Number, line.FirstColumn, "no interface name with a colon behind it");
        Span<long> counters = stackalloc long[Columns];
        Fields fields = new(line.Text[(colon + 1)..]);
        for (int column = 0; column < Columns; column++)
        {
            if (fields.Take(out ReadOnlySpan<char> field) && Fields.TryCounter(field, out counters[column]))
                continue;
            int at = line.ColumnOf(fields, field) + colon + 1;
            throw ReaderException.WrongFile(Path, line.Number, at, $"counter {column + 1} of {Columns} is missing or no number");
        }
        ReadOnlySpan<long> receive = counters[..8], transmit = counters[8..];
        return new NetDev(
            name,
            new NetDevCounters(receive[0], receive[1], receive[2], receive[3], receive[4],
                Frame: receive[5], Carrier: 0, Compressed: receive[6], Multicast: receive[7]),
            new NetDevCounters(transmit[0], transmit[1], transmit[2], transmit[3], transmit[4],
                Frame: transmit[5], Carrier: transmit[6], Compressed: transmit[7], Multicast: 0));
    }
}
