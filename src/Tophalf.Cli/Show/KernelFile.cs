using System.Text;
using Tophalf.Hardware.Firmware;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>Tells from its contents which kernel file or command's output somebody saved, and reads it.</summary>
internal static class KernelFile
{
    /// <summary>Fewer than any kernel prints, so that a file that was cut is told to be one.</summary>
    private const int SoftnetColumns = 3;

    /// <summary>A text's kind shows early or not at all; the lines of a mail before it are fewer.</summary>
    private const int LinesLookedAt = 2000;

    /// <summary>One kind of text. The first whose lines are there is taken, so the ones that cannot be mistaken come first.</summary>
    private sealed record Kind(string Says, Func<string, bool> Fits, Func<string, Shown> Read);

    private static readonly Kind[] s_kinds =
    [
        new("a MADT", AcpiText.HasMadt, text => ShownMadt.Of(AcpiText.FindMadts(text))),
        new("a trace", IsTrace, text => new ShownTrace(TraceText.Parse(text))),
        new("a listing of /proc/irq or /sys/kernel/irq", text => HasLine(text, line => PathListing.IsLine(line)), text => new ShownIrqTree(PathListing.Parse(text))),
        new(ProcNetDev.Path, text => HasLine(text, line => line.Contains('|') && line.Contains("bytes", StringComparison.Ordinal)), text => new ShownNetDev(ProcNetDev.Parse(text))),
        new(ProcSchedstat.Path, text => text.StartsWith("version ", StringComparison.Ordinal), text => new ShownSchedstat(ProcSchedstat.Parse(text))),
        new(ProcStat.Path, text => HasLine(text, IsStatLine), text => new ShownStat(ProcStat.Parse(text))),
        new(ProcPressure.Path, text => HasLine(text, line => line.StartsWith("some avg10=", StringComparison.Ordinal) || line.StartsWith("full avg10=", StringComparison.Ordinal)),
            text => new ShownPressure(ProcPressure.Parse(text))),
        new(SoftnetStat.Path, text => IsSoftnetLine(text.TrimStart().Split('\n', 2)[0]), text => new ShownSoftnet(SoftnetStat.Parse(text))),
        new(ProcSoftirqs.Path, text => !HasNumberedRow(text) && SoftirqName.InVectorOrder.Any(vector => text.Contains(vector + ":", StringComparison.Ordinal)),
            text => new ShownSoftirqs(ProcSoftirqs.Parse(text))),
        new("ethtool's output", text => HasLine(text, line => EthtoolText.IsHeader(line.AsSpan().TrimStart())) || IsJsonOf(text, "\"ifname\""), text => new ShownEthtool(EthtoolText.Parse(text))),
        new(ProcInterrupts.Path, text => HasLine(text, IsCpuHeader), Interrupts),
        new("a kernel log", text => HasLine(text, line => KernelLog.IsAboutInterrupts(line)) || KernelLog.HasStamp(text.TrimStart().Split('\n', 2)[0]),
            text => new ShownKernelLog(KernelLog.Parse(text))),
        new("lspci's output", text => LspciText.SlotLength(text.TrimStart()) > 0, text => new ShownLspci(LspciText.Parse(text))),
        new("lscpu's output", IsLscpu, text => new ShownLscpu(LscpuText.Parse(text))),
        new(ProcModules.Path, text => text.Contains(" - Live 0x", StringComparison.Ordinal) || text.Contains(", Live 0x", StringComparison.Ordinal), text => new ShownModules(ProcModules.Parse(text))),
        new(KernelCommandLine.Path, text => text.StartsWith("BOOT_IMAGE=", StringComparison.Ordinal) || text.Contains("root=", StringComparison.Ordinal) && text.Trim().Count('\n') == 0,
            text => new ShownCommandLine(KernelCommandLine.Parse(text))),
        new("rows of /proc/interrupts", HasNumberedRow, Interrupts),
    ];

    /// <summary>What show knows, for messages: "/proc/interrupts, a trace, …".</summary>
    public static string Known => string.Join(", ", s_kinds.Select(kind => kind.Says).Distinct());

    /// <summary>Reads the file. Throws <see cref="ReaderException"/> when it is none of those known, or is one and cannot be read.</summary>
    public static Shown Read(byte[] bytes)
    {
        // Text can begin so too; the table's length, which follows, has a zero byte in it.
        if (bytes.AsSpan().StartsWith("APIC"u8) && bytes.Length > 7 && bytes[7] == 0)
            return ShownMadt.Of([(1, bytes)]);
        return Read(Encoding.UTF8.GetString(bytes));
    }

    /// <summary>As above, for text.</summary>
    public static Shown Read(string text)
    {
        foreach (Kind kind in s_kinds)
        {
            if (kind.Fits(text))
                return kind.Read(text);
        }

        throw Unknown();
    }

    private static ReaderException Unknown() => new(1, 1, "this is no kernel file that show knows", $"give {Known}");

    /// <summary>The reader takes any rows of numbers; without the line of CPU columns most of them must name a controller.</summary>
    private static ShownInterrupts Interrupts(string text)
    {
        ProcInterrupts table = ProcInterrupts.Parse(text);
        int lines = table.Numbered.Count();
        int withController = table.Numbered.Count(row => row.Chip != null && row.Actions.Length > 0);
        if (!table.HasHeader && withController <= lines / 2)
            throw Unknown();
        return new ShownInterrupts(table, HasLine(text, line => KernelLog.IsAboutInterrupts(line)) ? KernelLog.Parse(text) : null);
    }

    /// <summary>The header comes first; a text without it is believed when its first line is an event.</summary>
    private static bool IsTrace(string text) =>
        text.StartsWith("# tracer:", StringComparison.Ordinal) || text.Contains("\n# tracer:", StringComparison.Ordinal)
        || HasLine(text, line => line.Contains("irq_handler_e", StringComparison.Ordinal) && TraceText.IsInterruptEvent(line));

    private static bool HasLine(string text, Func<string, bool> isMeant)
    {
        var lines = new StringReader(text);
        for (int i = 0; i < LinesLookedAt && lines.ReadLine() is { } line; i++)
        {
            if (isMeant(line))
                return true;
        }

        return false;
    }

    private static bool HasNumberedRow(string text) =>
        HasLine(text, line => line.IndexOf(':') is > 0 and var colon && line.AsSpan(0, colon).Trim() is { Length: > 0 } label && label.IndexOfAnyExceptInRange('0', '9') < 0);

    private static bool IsCpuHeader(string line)
    {
        string first = line.TrimStart(' ', '\t', '>');
        return first.Length > 3 && first.StartsWith("CPU", StringComparison.Ordinal) && char.IsAsciiDigit(first[3]);
    }

    /// <summary>"cpu  123 4 …", the line that sums all CPUs.</summary>
    private static bool IsStatLine(string line) => line.StartsWith("cpu ", StringComparison.Ordinal) && line.AsSpan(4).TrimStart() is [>= '0' and <= '9', ..];

    private static bool IsJsonOf(string text, string member) => text.AsSpan().TrimStart() is ['[', ..] && text.Contains(member, StringComparison.Ordinal);

    /// <summary>Its names, its columns, or nothing but two columns of numbers that begin with CPU 0.</summary>
    private static bool IsLscpu(string text)
    {
        if (HasLine(text, line => line.StartsWith("Architecture:", StringComparison.Ordinal) || line.StartsWith("CPU(s):", StringComparison.Ordinal)
            || line.StartsWith("# CPU,", StringComparison.Ordinal) || line.StartsWith("CPU NODE", StringComparison.Ordinal)))
            return true;
        string[] first = text.TrimStart().Split('\n', 2)[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return first.Length == 2 && first[0] == "0" && first[1].All(char.IsAsciiDigit);
    }

    /// <summary>Nothing but numbers of eight hexadecimal digits.</summary>
    private static bool IsSoftnetLine(string line)
    {
        string[] fields = line.Split([' ', '\r'], StringSplitOptions.RemoveEmptyEntries);
        return fields.Length >= SoftnetColumns && fields.All(field => field.Length == 8 && field.All(char.IsAsciiHexDigit));
    }
}
