using System.Globalization;
using System.Text;
using Tophalf.Cli.Text;
using Tophalf.Linux;
using Tophalf.Linux.Sampling;

namespace Tophalf.Cli.Top;

/// <summary>Draws one moment of a machine as lines of text that fit a terminal. The same for a person's screen and a file.</summary>
internal sealed class TopScreen(TopView view)
{
    /// <summary>More CPUs than this share a glyph, the hottest of each group showing.</summary>
    private const int MostGlyphs = 64;

    private const int NarrowGlyphs = 16;

    /// <summary>The column of the heat strip; numbers stand before it, and the node behind it.</summary>
    private const int ByCpu = 7;

    private readonly List<TopLine> _lines = [];

    public TopOrder Order { get; set; }
    public bool WithSilent { get; set; }

    /// <summary>Whether the lines of a device make one row.</summary>
    public bool ByDevice { get; set; }

    /// <param name="width">Columns.</param>
    /// <param name="height">Lines; the list of interrupts gets what the other parts leave.</param>
    /// <param name="title">What is watched.</param>
    public IReadOnlyList<TopLine> Draw(int width, int height, string title)
    {
        _lines.Clear();
        MachineSample sample = view.Sample;
        Line(width, $"top: {title}, {(view.IsRate ? $"over {Figures.Duration(sample.Seconds)}" : "counts since boot: its time stands still")}", TopPart.Title);
        WriteCpus(width, sample);
        WriteSoftirqs(width, sample);
        WriteSoftnet(width, sample);
        WriteTrace(width, most: Math.Max(1, height / 6));
        foreach (Unseen unseen in view.Unseen)
            Line(width, $"not to be seen: {unseen.Path}: {unseen.Why}", TopPart.Notice);
        WriteInterrupts(width, Math.Max(5, height - _lines.Count - 2), sample);
        return _lines;
    }

    private void WriteCpus(int width, MachineSample sample)
    {
        if (sample.Stat is not { } stat)
            return;
        long[] times = view.IsRate ? stat.Deltas : stat.Times;
        double[] busy = new double[stat.Cpus.Length], hard = new double[busy.Length], soft = new double[busy.Length];
        Span<double> all = stackalloc double[StatTable.Classes];
        all.Clear();
        for (int cpu = 0; cpu < busy.Length; cpu++)
        {
            ReadOnlySpan<long> classes = times.AsSpan(cpu * StatTable.Classes, StatTable.Classes);
            double total = 0;
            for (int cls = 0; cls < classes.Length; cls++)
            {
                total += classes[cls];
                all[cls] += classes[cls];
            }
            if (total > 0)
                (busy[cpu], hard[cpu], soft[cpu]) = (1 - (classes[3] + classes[4]) / total, classes[5] / total, classes[6] / total);
        }
        double sum = 0;
        foreach (double ticks in all)
            sum += ticks;
        string Share(double ticks) => Figures.Percent(sum > 0 ? 100 * ticks / sum : 0);
        Line(width, $"{Figures.Plural(busy.Length, "CPU")}: user {Share(all[0] + all[1])}, system {Share(all[2])}, hardirq {Share(all[5])}, softirq {Share(all[6])}, "
            + $"iowait {Share(all[4])}, steal {Share(all[7])}, idle {Share(all[3])}");
        Line(width, $"busy {Heat.Of(Grouped(busy))}  hardirq {Heat.Of(Grouped(hard))}  softirq {Heat.Of(Grouped(soft))}{Heat.Note(busy.Length, MostGlyphs)}");
    }

    private void WriteSoftirqs(int width, MachineSample sample)
    {
        if (sample.Softirqs is not { } table)
            return;
        List<string> parts = [];
        foreach (int row in Enumerable.Range(0, table.Rows).Where(row => view.Count(table, row) > 0).OrderByDescending(row => view.Count(table, row)))
            parts.Add($"{table.Labels[row]} {Amount(view.Count(table, row))}");
        Line(width, $"softirqs: {(parts.Count > 0 ? string.Join(", ", parts) : "none")}");
    }

    private void WriteSoftnet(int width, MachineSample sample)
    {
        if (sample.Softnet is not { } softnet || !view.IsRate)
            return;
        long[] sums = new long[SoftnetTable.Counters];
        for (int i = 0; i < softnet.Deltas.Length; i++)
            sums[i % sums.Length] += softnet.Deltas[i];
        Line(width, $"packets: {Amount(sums[0])}, backlog full {Amount(sums[1])}, budget spent {Amount(sums[2])}");
    }

    /// <param name="most">Softirqs told; a low screen is for the interrupts.</param>
    private void WriteTrace(int width, int most)
    {
        if (view.Trace is not { } trace)
            return;
        if (trace.WhyNot is { } whyNot)
        {
            Line(width, $"no handler times: {whyNot.Why}; {whyNot.Remedy}", TopPart.Notice);
            return;
        }
        string lost = trace.Lost > 0 ? $", {Figures.Count(trace.Lost)} older ones lost" : "";
        string noSoftirqs = (trace.HasSoftirqs ? "" : "; no softirq events in this kernel") + (trace.HasOwnBuffer ? "" : "; in the one buffer it has");
        string cost = trace.EventNs is { } eventNs
            ? $"writing them took {Took(eventNs)} each, {Figures.Percent(100 * trace.Events * eventNs / trace.WindowNs)} of a CPU"
            : "the cost of writing them is below what can be measured";
        Line(width, $"traced: {Figures.Count(trace.Events)} events{lost}{noSoftirqs}; {cost}; reading them took {Took(trace.ReadNs)}");
        foreach (TraceRow row in trace.Softirqs.Take(most))
        {
            string late = row.MeanDelayNs is { } delayNs ? $", began {Took(delayNs)} after its raise, at most {Took(row.LongestDelayNs)}" : "";
            if (row.MeanNs is { } meanNs)
                Line(width, $"  {row.Name,-9}took {Took(meanNs)}, at most {Took(row.LongestNs)}{late}");
        }
    }

    private static string Took(double ns) => Figures.Latency(ns / 1000);

    private void WriteInterrupts(int width, int height, MachineSample sample)
    {
        if (sample.Interrupts is not { } table)
            return;
        int glyphs = Math.Min(table.Cpus.Length, width < 140 ? NarrowGlyphs : MostGlyphs);
        List<TopRow> rows = view.Rows(Order, height, WithSilent, ByDevice);
        long total = 0;
        for (int row = 0; row < table.Rows; row++)
            total += view.Count(table, row);
        string switches = view.IsRate && sample.Stat is { } stat ? $", context switches: {Amount(stat.ContextSwitchesDelta)}" : "";
        Line(width, $"interrupts: {Amount(total)}{switches}{Heat.Note(table.Cpus.Length, glyphs)}");
        string[][] cells = [[ByDevice ? "irqs" : "irq", view.IsRate ? "per s" : "count", "share", "handler", "longest", "of a CPU", "softirq after", "by CPU", "node", "may", "goes", "hint", "device", "driver", "queue", "name"], .. rows.Select(row => Cells(table, row, total, glyphs))];
        int[] widths = [.. Enumerable.Range(0, cells[0].Length).Select(column => cells.Max(row => row[column].Length))];
        bool isHeading = true;
        foreach (string[] row in cells)
        {
            StringBuilder line = new();
            for (int column = 0; column < row.Length; column++)
            {
                bool isNumber = column is < ByCpu or ByCpu + 1;
                if (widths[column] > 0 && cells.Skip(1).Any(other => other[column].Length > 0))
                    line.Append(isNumber ? row[column].PadLeft(widths[column]) : row[column].PadRight(widths[column])).Append("  ");
            }
            Line(width, line.ToString(), isHeading ? TopPart.Heading : TopPart.Text);
            isHeading = false;
        }
    }

    private string[] Cells(CounterTable table, TopRow row, long total, int glyphs)
    {
        ReadOnlySpan<long> perCpu = view.PerCpu(table, row);
        double[] heat = new double[perCpu.Length];
        long largest = 0;
        foreach (long count in perCpu)
            largest = Math.Max(largest, count);
        for (int cpu = 0; cpu < heat.Length; cpu++)
            heat[cpu] = largest > 0 ? (double)perCpu[cpu] / largest : 0;
        IrqPlace? place = row.Place;
        HandlerTime? time = view.TimeOf(row);
        string name = row.Irq is null ? row.Name : $"{row.Name}{(place?.IsManaged == true ? " (managed)" : "")}{(place?.Thread is { } thread ? $" [{thread}]" : "")}";
        return
        [
            row.Label, view.IsRate ? Figures.Rate(row.Count / view.Sample.Seconds)[..^2] : Figures.Count(row.Count), Figures.Share(row.Count, total),
            time is { } mean ? Took(mean.MeanNs) : "", time is { } longest ? Took(longest.LongestNs) : "",
            time is { } busy && view.IsRate ? Figures.Percent(100 * busy.MeanNs * row.Count / (view.Sample.Seconds * 1e9)) : "", time?.SoftirqDelayNs is { } delay ? Took(delay) : "",
            Heat.Of(Grouped(heat, glyphs)), place?.Node is { } node ? node.ToString(CultureInfo.InvariantCulture) : "", Mask(place?.Affinity), Mask(place?.Effective),
            Mask(place?.Hint), place?.Device ?? "", place?.Driver ?? "", place?.Queue ?? "", Visible.Of(name),
        ];
    }

    private static string Mask(CpuMask? mask)
    {
        const int Longest = 12;
        string text = mask is { IsEmpty: false } cpus ? cpus.ToList() : "";
        return text.Length <= Longest ? text : text[..(Longest - 1)] + "…";
    }

    private string Amount(long count) => view.IsRate ? Figures.Rate(count / view.Sample.Seconds) : Figures.Count(count);

    private static IEnumerable<double> Grouped(double[] values, int glyphs = MostGlyphs) => Heat.Grouped(values, values.Length, glyphs);

    private void Line(int width, string text, TopPart part = TopPart.Text)
    {
        string trimmed = Visible.Of(text.TrimEnd());
        _lines.Add(new TopLine(trimmed.Length <= width ? trimmed : trimmed[..(width - 1)] + "…", part));
    }
}

/// <summary>What a line of the picture is, for those who draw it in colours.</summary>
internal enum TopPart
{
    Text,
    Title,
    Heading,

    /// <summary>Something the machine does not show.</summary>
    Notice,
}

/// <summary>A line of the picture, no wider than asked for.</summary>
internal readonly record struct TopLine(string Text, TopPart Part);
