using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>/proc/interrupts explained: the busiest lines, how the CPUs share them, and what looks wrong.</summary>
internal static class InterruptsPage
{
    private const int BusiestShown = 10;
    private const int CpusShown = 16;
    private const int SharedShown = 12;
    private const int NamedShown = 48;
    private const int BarWidth = 40;

    /// <summary>Where the kernel looks whether anybody has handled a line (kernel/irq/spurious.c).</summary>
    private const long SpuriousWindow = 100_000;

    /// <summary>From this share of the device interrupts on one CPU carries all.</summary>
    private const double CarriesAllPct = 80;

    /// <param name="page">Where to.</param>
    /// <param name="name">The file's name, or two with what is between them.</param>
    /// <param name="table">The rows.</param>
    /// <param name="seconds">Of differences: the time between the two files; null for counts.</param>
    public static void Write(Page page, string name, ProcInterrupts table, double? seconds)
    {
        List<InterruptRow> lines = [.. table.Numbered];
        long total = lines.Sum(line => line.Total);
        long[] perCpu = [.. table.Cpus.Select(cpu => lines.Sum(line => table.CountOn(line, cpu)))];
        page.Line(
            $"{name}: {ProcInterrupts.Path} of {Figures.Plural(table.Cpus.Length, "CPU")}, {Figures.Plural(lines.Count, "device line")} with "
            + $"{Figures.Plural(total, "interrupt")}, {Figures.Plural(table.Named.Count(), "other row")}{Over(seconds)}", Look.Heading);
        WriteBusiest(page, table, lines, total, seconds);
        WriteCpus(page, table, perCpu, total);
        WriteShared(page, lines);
        WriteNamed(page, table, seconds);
        WriteRemarks(page, table, lines, perCpu, total);
    }

    private static void WriteBusiest(Page page, ProcInterrupts table, List<InterruptRow> lines, long total, double? seconds)
    {
        List<InterruptRow> busiest = [.. lines.Where(line => line.Total > 0).OrderByDescending(line => line.Total).Take(BusiestShown)];
        if (busiest.Count == 0)
            return;
        page.Heading("busiest lines" + Heat.Note(table.Cpus.Length));
        Grid columns = ColumnText.Of(">irq", "handlers", "controller", seconds is null ? ">interrupts" : ">per second", ">share", "mostly on", "by CPU");
        foreach (InterruptRow line in busiest)
        {
            int most = table.Cpus.MaxBy(cpu => table.CountOn(line, cpu));
            columns.Add(
                line.Label,
                Short(string.Join(", ", line.Actions), 28),
                Short(string.Join(' ', new[] { line.Chip, line.Flow ?? line.Trigger }.OfType<string>()), 28),
                Amount(line.Total, seconds),
                Figures.Share(line.Total, total),
                $"CPU{most} {Figures.Share(table.CountOn(line, most), line.Total)}",
                Heat.Grouped([.. table.Cpus.Select(cpu => table.CountOn(line, cpu))]));
        }

        page.Write(columns);
        int silent = lines.Count(line => line.Total == 0);
        int others = lines.Count - busiest.Count - silent;
        if (others + silent > 0)
            page.Line($"  {Figures.Plural(others, "more line")} that came, {Figures.Count(silent)} that never did", Look.Faint);
    }

    private static void WriteCpus(Page page, ProcInterrupts table, long[] perCpu, long total)
    {
        if (total <= 0 || table.Cpus.Length < 2)
            return;
        page.Heading("device interrupts by CPU");
        Grid columns = ColumnText.Of("", ">interrupts", ">share", "");
        long largest = perCpu.Max();
        int[] shown = [.. Enumerable.Range(0, perCpu.Length).OrderByDescending(i => perCpu[i]).Take(CpusShown).Order()];
        foreach (int i in shown)
            columns.Add($"CPU{table.Cpus[i]}", Figures.Count(perCpu[i]), Figures.Share(perCpu[i], total), Bar.Of(perCpu[i], largest, BarWidth));
        page.Write(columns);
        if (shown.Length < perCpu.Length)
            page.Line($"  {Figures.Plural(perCpu.Length - shown.Length, "CPU")} with fewer", Look.Faint);
    }

    private static void WriteShared(Page page, List<InterruptRow> lines)
    {
        List<InterruptRow> shared = [.. lines.Where(line => line.Actions.Length > 1)];
        if (shared.Count == 0)
            return;
        page.Heading("shared lines: every handler is asked at every interrupt");
        page.Items(shared.Take(SharedShown).Select(line => ($"irq {line.Label}", string.Join(", ", line.Actions))));
        if (shared.Count > SharedShown)
            page.Line($"  {Figures.Count(shared.Count - SharedShown)} more", Look.Faint);
    }

    /// <summary>The rows with a name instead of a number, each with what it counts.</summary>
    private static void WriteNamed(Page page, ProcInterrupts table, double? seconds)
    {
        List<InterruptRow> named = [.. table.Named.Where(row => row.Total > 0)];
        if (named.Count == 0)
            return;
        page.Heading("other rows, and what they count");
        Grid columns = ColumnText.Of("", seconds is null ? ">times" : ">per second", "by CPU", "").WrapLast();
        foreach (InterruptRow row in named.Take(NamedShown))
        {
            bool isPerCpu = row.Counts.Length == table.Cpus.Length;
            columns.Add(row.Label, Amount(row.Total, seconds), isPerCpu ? Heat.Grouped(row.Counts) : "", RowExplanations.Of(row.Label) ?? row.Description);
        }

        page.Write(columns);
        int silent = table.Named.Count() - named.Count;
        if (named.Count > NamedShown || silent > 0)
            page.Line($"  {Figures.Count(Math.Max(0, named.Count - NamedShown))} more that came, {Figures.Count(silent)} that never did", Look.Faint);
    }

    private static string Amount(long count, double? seconds) => seconds is { } s ? Figures.Rate(count / s) : Figures.Count(count);

    private static string Over(double? seconds) => seconds is { } s ? $", in {Figures.Duration(s)}" : "";

    private static void WriteRemarks(Page page, ProcInterrupts table, List<InterruptRow> lines, long[] perCpu, long total)
    {
        List<string> remarks = [];
        if (total > 0 && perCpu.Length > 1 && 100.0 * perCpu.Max() / total > CarriesAllPct)
        {
            int carrier = Array.IndexOf(perCpu, perCpu.Max());
            remarks.Add($"CPU{table.Cpus[carrier]} took {Figures.Share(perCpu[carrier], total)} of the device interrupts, {Figures.Plural(perCpu.Length - 1, "other CPU")} the rest.");
        }

        remarks.AddRange(lines.Where(line => line.Total == SpuriousWindow).Select(line =>
            $"irq {line.Label} stands at exactly 100,000: the kernel turns a line off when nobody handled 99,900 of 100,000; look for \"nobody cared\" in dmesg."));
        if (table["ERR"] is { Total: > 0 } errors)
            remarks.Add($"ERR {Figures.Count(errors.Total)}: errors the interrupt controller reported, and spurious interrupts of an 8259.");
        if (table["MIS"] is { Total: > 0 } misrouted)
            remarks.Add($"MIS {Figures.Count(misrouted.Total)}: level interrupts an I/O APIC delivered as edges; the kernel repaired them.");
        if (!table.HasHeader)
            remarks.Add("The line of CPU columns is missing; the CPUs are counted from 0.");
        if (remarks.Count == 0)
            return;
        page.Heading("remarks");
        page.Items(remarks.Select(remark => ("-", remark)));
    }

    private static string Short(string text, int longest) => text.Length <= longest ? text : text[..(longest - 1)] + "…";
}
