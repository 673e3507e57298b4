using System.Collections.Immutable;
using System.Globalization;

namespace Tophalf.Linux;

/// <summary>
/// One CPU's line of /proc/net/softnet_stat. The counters are 32 bits wide and wrap. What an older kernel does not print is null.
/// </summary>
/// <param name="Row">Place of the line in the file, from 0. Only online CPUs have one, so it is the CPU number only while none is offline.</param>
/// <param name="Columns">How many columns the kernel printed, 9 to 15.</param>
/// <param name="Processed">Packets taken by this CPU.</param>
/// <param name="Dropped">Packets dropped because the backlog queue was full.</param>
/// <param name="TimeSqueeze">Times net_rx_action stopped with work left, for want of budget or time.</param>
/// <param name="ReceivedRps">Times another CPU woke this one to process packets (2.6.35).</param>
/// <param name="FlowLimitCount">Packets dropped by the flow limit (3.11).</param>
/// <param name="BacklogLength">Packets waiting in the backlog (5.10).</param>
/// <param name="Cpu">The CPU (5.10).</param>
/// <param name="InputQueueLength">Of the backlog, what other CPUs still add to (6.4).</param>
/// <param name="ProcessQueueLength">Of the backlog, what this CPU has taken over (6.4).</param>
public sealed record SoftnetCpu(
    int Row,
    int Columns,
    uint Processed,
    uint Dropped,
    uint TimeSqueeze,
    uint CpuCollision,
    uint? ReceivedRps,
    uint? FlowLimitCount,
    uint? BacklogLength,
    int? Cpu,
    uint? InputQueueLength,
    uint? ProcessQueueLength);

/// <summary>/proc/net/softnet_stat: how the network receive softirq fares on each online CPU (net/core/net-procfs.c).</summary>
public sealed record SoftnetStat(ImmutableArray<SoftnetCpu> Cpus)
{
    public const string Path = "/proc/net/softnet_stat";

    /// <summary>The columns every kernel since 2.4 prints: three counters, five zeros or old counters, collisions.</summary>
    private const int FewestColumns = 9;

    /// <summary>Known columns; more are read over, as newer kernels add theirs at the end.</summary>
    private const int KnownColumns = 15;

    public static SoftnetStat Read(ILinuxMachine machine) => Parse(machine.Read(Path));

    /// <summary>Throws <see cref="ReaderException"/> on anything but rows of at least nine hexadecimal numbers.</summary>
    public static SoftnetStat Parse(string text)
    {
        ReaderLimits.CheckText(text, Path);
        ImmutableArray<SoftnetCpu>.Builder cpus = ImmutableArray.CreateBuilder<SoftnetCpu>();
        foreach (TextLine line in new TextLines(text))
        {
            if (line.Text.IsWhiteSpace())
                continue;
            cpus.Add(Row(cpus.Count, line));
            ReaderLimits.CheckRows(cpus.Count, line.Number);
        }
        if (cpus.Count == 0)
            throw ReaderException.WrongFile(Path, 1, 1, "no rows");
        return new SoftnetStat(cpus.DrainToImmutable());
    }

    private static SoftnetCpu Row(int row, TextLine line)
    {
        Span<uint> values = stackalloc uint[KnownColumns];
        int columns = 0;
        Fields fields = new(line.Text);
        while (fields.Take(out ReadOnlySpan<char> field))
        {
            if (!uint.TryParse(field, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value))
                throw ReaderException.WrongFile(Path, line.Number, line.ColumnOf(fields, field), "not a hexadecimal number of 32 bits");
            if (columns < KnownColumns)
                values[columns] = value;
            columns++;
        }
        if (columns < FewestColumns)
        {
            string problem = $"{columns} columns where every kernel prints at least {FewestColumns}";
            throw ReaderException.WrongFile(Path, line.Number, line.FirstColumn, problem);
        }
        if (columns > 12 && values[12] >= CpuMask.MaxCpus)
            throw ReaderException.WrongFile(Path, line.Number, line.FirstColumn, "a CPU number that no kernel has in column 13");
        return new SoftnetCpu(
            row, columns, values[0], values[1], values[2], values[8],
            ReceivedRps: columns > 9 ? values[9] : null,
            FlowLimitCount: columns > 10 ? values[10] : null,
            BacklogLength: columns > 11 ? values[11] : null,
            Cpu: columns > 12 ? (int)values[12] : null,
            InputQueueLength: columns > 13 ? values[13] : null,
            ProcessQueueLength: columns > 14 ? values[14] : null);
    }

    /// <summary>
    /// What happened since <paramref name="earlier"/>, or null where that has other CPUs. The counters wrap at 32 bits; lengths of queues are
    /// those of now.
    /// </summary>
    public SoftnetStat? Since(SoftnetStat earlier)
    {
        if (Cpus.Length != earlier.Cpus.Length)
            return null;
        ImmutableArray<SoftnetCpu>.Builder cpus = ImmutableArray.CreateBuilder<SoftnetCpu>(Cpus.Length);
        foreach ((SoftnetCpu before, SoftnetCpu after) in earlier.Cpus.Zip(Cpus))
        {
            if (before.Cpu != after.Cpu || before.Columns != after.Columns || Counters.Since(before.Processed, after.Processed) is null)
                return null;
            cpus.Add(after with
            {
                Processed = unchecked(after.Processed - before.Processed),
                Dropped = unchecked(after.Dropped - before.Dropped),
                TimeSqueeze = unchecked(after.TimeSqueeze - before.TimeSqueeze),
                CpuCollision = unchecked(after.CpuCollision - before.CpuCollision),
                ReceivedRps = unchecked(after.ReceivedRps - before.ReceivedRps),
                FlowLimitCount = unchecked(after.FlowLimitCount - before.FlowLimitCount),
            });
        }
        return new SoftnetStat(cpus.MoveToImmutable());
    }
}
