using System.Collections.Immutable;
using System.Globalization;

namespace Tophalf.Linux;

/// <summary>One event of a trace.</summary>
/// <param name="AtNs">Time of the trace's clock; null where the tracer prints none (function_graph).</param>
/// <param name="Task">Name and number of the task that was interrupted, as printed; empty where none is.</param>
/// <param name="Flags">Interrupts off, need resched, hard or soft interrupt, preempt depth: the column of letters; may be empty.</param>
/// <param name="Name">Such as irq_handler_entry.</param>
public readonly record struct TraceEvent(int Line, int Cpu, long? AtNs, string Task, string Flags, string Name, string Details)
{
    /// <summary>The number behind "irq=" or "vec=" or "vector=", or null.</summary>
    public int? Number => Value("irq=") ?? Value("vec=") ?? Value("vector=");

    /// <summary>What stands behind a key such as "name=", up to the next blank; empty when it is not there.</summary>
    public ReadOnlySpan<char> Word(string key)
    {
        int at = Details.AsSpan().IndexOf(key);
        return at < 0 ? default : new Fields(Details.AsSpan(at + key.Length)).Peek();
    }

    private int? Value(string key) => int.TryParse(Word(key), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}

/// <summary>
/// The file "trace" of tracefs (kernel/trace/trace_output.c), and alike what trace-cmd and perf script print. Lines of function
/// tracers and stack traces are counted, not kept.
/// </summary>
/// <param name="Tracer">From the first comment; empty when it was cut.</param>
/// <param name="Written">Events written into the buffer, of which the oldest may be lost; null when the header was cut.</param>
/// <param name="OtherLines">Lines that are no event: functions, stack traces, text of a mail.</param>
public sealed record TraceText(string Tracer, long? Written, ImmutableArray<TraceEvent> Events, int OtherLines)
{
    /// <summary>A large trace of a busy machine has a few hundred thousand.</summary>
    private const int MostEvents = 1 << 20;

    private const int MostDistinctWords = 4096;

    public static TraceText Parse(string text)
    {
        ReaderLimits.CheckText(text, "a trace");
        string tracer = "";
        long? written = null;
        int others = 0;
        ImmutableArray<TraceEvent>.Builder events = ImmutableArray.CreateBuilder<TraceEvent>();
        Dictionary<string, string> words = [];
        Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> lookup = words.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (TextLine line in new TextLines(text))
        {
            ReadOnlySpan<char> row = line.Text;
            if (row.IsWhiteSpace())
                continue;
            if (row[0] == '#')
            {
                if (row.StartsWith("# tracer: "))
                    tracer = row[10..].Trim().ToString();
                else if (row.IndexOf("entries-written: ") is >= 0 and var at)
                    written = AfterSlash(row[(at + 17)..]);
            }
            else if (TryEvent(line, out EventParts parts))
            {
                if (events.Count == MostEvents)
                    throw new ReaderException(line.Number, 1, $"more than {MostEvents} events", "cut the trace down");
                events.Add(new TraceEvent(line.Number, parts.Cpu, parts.AtNs, Word(parts.Task), Word(parts.Flags), Word(parts.Name), Word(parts.Details)));
            }
            else
            {
                others++;
            }
        }
        return events.Count > 0
            ? new TraceText(tracer, written, events.DrainToImmutable(), others)
            : throw ReaderException.WrongFile("/sys/kernel/tracing/trace", 1, 1, "no line of an event");

        // Few words make up a trace: each is kept once.
        string Word(ReadOnlySpan<char> word)
        {
            if (lookup.TryGetValue(word, out string? known))
                return known;
            string fresh = word.ToString();
            if (words.Count < MostDistinctWords)
                words[fresh] = fresh;
            return fresh;
        }
    }

    /// <summary>Whether a buffer was read in which nothing is: comments alone.</summary>
    public static bool IsEmpty(string text)
    {
        foreach (TextLine line in new TextLines(text))
        {
            if (!line.Text.IsWhiteSpace() && line.Text[0] != '#')
                return false;
        }
        return true;
    }

    /// <summary>Whether a line is an event of one of the kinds this project looks at.</summary>
    public static bool IsInterruptEvent(string line) =>
        TryEvent(new TextLine(1, line), out EventParts parts) && (parts.Name.StartsWith("irq_") || parts.Name.StartsWith("softirq_") || parts.Name.StartsWith("napi_")
            || parts.Name.EndsWith("_entry") || parts.Name.EndsWith("_exit") || parts.Name.StartsWith("sched_") || parts.Name.StartsWith("vector_"));

    private static long? AfterSlash(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> field = new Fields(text).Peek();
        return Fields.TryCounter(field[(field.IndexOf('/') + 1)..], out long count) ? count : null;
    }

    private ref struct EventParts
    {
        public int Cpu;
        public long? AtNs;
        public ReadOnlySpan<char> Task;
        public ReadOnlySpan<char> Flags;
        public ReadOnlySpan<char> Name;
        public ReadOnlySpan<char> Details;
    }

    /// <summary>
    /// <c>bash-6753  [001] d.h1.  1070.051447: irq_handler_entry: irq=36 name=…</c>, or of the function graph
    /// <c> 0)   |  /* irq_handler_entry: irq=17 name=… */</c>.
    /// </summary>
    private static bool TryEvent(TextLine line, out EventParts parts)
    {
        parts = default;
        ReadOnlySpan<char> row = line.Text;
        int open = CpuBracket(row, out int cpu, out int behind);
        if (open < 0)
            return TryGraphEvent(row, ref parts);
        parts.Cpu = cpu;
        parts.Task = TaskOf(row[..open].Trim());
        Fields fields = new(row[behind..]);
        if (!fields.Take(out ReadOnlySpan<char> field))
            return false;
        if (!IsTime(field, out long atNs))
        {
            parts.Flags = field;
            if (!fields.Take(out field) || !IsTime(field, out atNs))
                return false;
        }
        parts.AtNs = atNs;
        return TryNameAndDetails(fields.Rest.Trim(), ref parts);
    }

    /// <summary>Where "[001]" stands: the first bracket around nothing but digits that is followed by more. −1 without one.</summary>
    private static int CpuBracket(ReadOnlySpan<char> row, out int cpu, out int behind)
    {
        (cpu, behind) = (0, 0);
        for (int from = 0; ;)
        {
            int open = row[from..].IndexOf('[');
            if (open < 0)
                return -1;
            open += from;
            int length = row[open..].IndexOf(']');
            if (length < 0)
                return -1;
            if (length > 1 && int.TryParse(row[(open + 1)..(open + length)], NumberStyles.None, CultureInfo.InvariantCulture, out cpu) && cpu < CpuMask.MaxCpus)
            {
                behind = open + length + 1;
                return open;
            }
            from = open + 1;
        }
    }

    /// <summary>Without the column of thread groups, "( 1111)", that some kernels print.</summary>
    private static ReadOnlySpan<char> TaskOf(ReadOnlySpan<char> text) =>
        text.EndsWith(")") && text.LastIndexOf('(') is > 0 and var open ? text[..open].TrimEnd() : text;

    private static bool TryGraphEvent(ReadOnlySpan<char> row, ref EventParts parts)
    {
        int close = row.IndexOf(')'), begin = row.IndexOf("/* "), end = row.LastIndexOf(" */");
        if (close < 1 || begin < close || end < begin + 3)
            return false;
        if (!int.TryParse(row[..close].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out parts.Cpu) || parts.Cpu >= CpuMask.MaxCpus)
            return false;
        return TryNameAndDetails(row[(begin + 3)..end].Trim(), ref parts);
    }

    private static bool TryNameAndDetails(ReadOnlySpan<char> text, ref EventParts parts)
    {
        int colon = text.IndexOf(": ");
        if (colon < 0 && text.EndsWith(":"))
            colon = text.Length - 1;
        if (colon < 1)
            return false;
        ReadOnlySpan<char> name = text[..colon];
        // perf script prints the subsystem before the event: "irq:irq_handler_entry".
        if (name.IndexOf(':') is > 0 and var system)
            name = name[(system + 1)..];
        foreach (char character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character != '_')
                return false;
        }
        parts.Name = name;
        parts.Details = text[(colon + 1)..].Trim();
        return !name.IsEmpty;
    }

    /// <summary>Seconds with a fraction of six or nine digits and a colon, or a bare counter and a colon.</summary>
    private static bool IsTime(ReadOnlySpan<char> field, out long atNs)
    {
        const int NsDigits = 9;
        atNs = 0;
        if (field.Length < 2 || field[^1] != ':')
            return false;
        ReadOnlySpan<char> text = field[..^1];
        int dot = text.IndexOf('.');
        if (dot < 0)
            return Fields.TryCounter(text, out atNs);
        ReadOnlySpan<char> fraction = text[(dot + 1)..];
        if (fraction.Length > NsDigits || !Fields.TryCounter(text[..dot], out long seconds) || seconds > long.MaxValue / 2_000_000_000 || !Fields.TryCounter(fraction, out long part))
            return false;
        for (int digit = fraction.Length; digit < NsDigits; digit++)
            part *= 10;
        atNs = seconds * 1_000_000_000 + part;
        return true;
    }
}
