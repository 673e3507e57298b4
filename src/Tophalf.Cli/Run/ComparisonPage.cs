using Tophalf.Advisor;
using Tophalf.Cli.Text;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Run;

/// <summary>What a command changes, side by side: latency, loss, interrupts and CPU time, and how hot each core runs.</summary>
internal static class ComparisonPage
{
    private const int MostGlyphs = 64;

    public static void Write(Page page, Comparison comparison, string? followed)
    {
        foreach ((DeviceReport before, DeviceReport after) in comparison.Devices.Where(pair => pair.Base.IsActive || pair.Changed.IsActive))
            WriteDevice(page, comparison, before, after);
        foreach ((ClientsReport before, ClientsReport after) in comparison.Clients)
            WriteClients(page, comparison, before, after);
        foreach ((StreamsReport before, StreamsReport after) in comparison.Streams)
            WriteStreams(page, comparison, before, after);
        foreach ((TaskReport before, TaskReport after) in comparison.Tasks)
            WriteTasks(page, before, after);
        WriteCpus(page, comparison);
        WriteHeat(page, comparison);
        if (followed != null)
        {
            HopsPart.Write(page, $"{followed}, base", comparison.Base.Hops, comparison.Base.Followed);
            HopsPart.Write(page, $"{followed}, changed", comparison.Changed.Hops, comparison.Changed.Followed);
        }

        IReadOnlyList<Finding> foundBefore = comparison.BaseRun.Findings, foundAfter = comparison.ChangedRun.Findings;
        string[] gone = [.. foundBefore.Select(finding => finding.Id).Except(foundAfter.Select(finding => finding.Id))];
        FindingsPart.Write(page, "findings after the change", foundAfter);
        if (gone.Length > 0)
            page.Line($"  gone: {string.Join(", ", gone)}");
        page.Line();
        page.Line(RunPage.Footer(comparison.Changed with { WallS = comparison.Base.WallS + comparison.Changed.WallS }) + ", twice");
    }

    private static void WriteDevice(Page page, Comparison comparison, DeviceReport before, DeviceReport after)
    {
        var rows = new ComparisonRows(page, $"{before.Name} ({before.Model})");
        rows.Latencies("latency", before.Latency, after.Latency);
        if (before.Offered + after.Offered > 0)
        {
            rows.Count("delivered", before.Delivered, after.Delivered);
            rows.Count("dropped at the ring", before.RxDropped, after.RxDropped);
            rows.Count("dropped at the socket", before.SocketDropped, after.SocketDropped);
        }

        rows.CountIfAny("discarded before any queue", before.Discarded, after.Discarded);
        rows.CountIfAny("dropped by XDP", before.XdpDropped, after.XdpDropped);
        rows.CountIfAny("sent back by XDP", before.XdpReturned, after.XdpReturned);
        rows.CountIfAny("redirected by XDP", before.XdpRedirected, after.XdpRedirected);
        rows.CountIfAny("found no room there", before.RedirectLost, after.RedirectLost);
        rows.CountIfAny("sent", before.TxPackets, after.TxPackets);
        rows.Rate("interrupts", Comparison.PerSecond(comparison.Base, before.Interrupts), Comparison.PerSecond(comparison.Changed, after.Interrupts));
        if (before.RxPackets + after.RxPackets > 0)
            rows.Ratio("received per interrupt", Comparison.PacketsPerInterrupt(before), Comparison.PacketsPerInterrupt(after));
        rows.Write();
    }

    private static void WriteClients(Page page, Comparison comparison, ClientsReport before, ClientsReport after)
    {
        var rows = new ComparisonRows(page, $"clients of {before.Device}");
        rows.Latencies("waited", before.Latency, after.Latency);
        rows.Rate("answered", Comparison.PerSecond(comparison.Base, before.Answers), Comparison.PerSecond(comparison.Changed, after.Answers));
        rows.CountIfAny("repeated", before.Repeats, after.Repeats);
        rows.Write();
    }

    private static void WriteStreams(Page page, Comparison comparison, StreamsReport before, StreamsReport after)
    {
        var rows = new ComparisonRows(page, $"streams to {before.Device}");
        rows.Rate("acknowledged segments", Comparison.PerSecond(comparison.Base, before.Acknowledged), Comparison.PerSecond(comparison.Changed, after.Acknowledged));
        rows.Ratio("segments a piece", Comparison.SegmentsPerPiece(comparison.Base, before), Comparison.SegmentsPerPiece(comparison.Changed, after));
        rows.Rate("acks", Comparison.PerSecond(comparison.Base, before.Acks), Comparison.PerSecond(comparison.Changed, after.Acks));
        rows.CountIfAny("timeouts", before.Timeouts, after.Timeouts);
        rows.Write();
    }

    private static void WriteTasks(Page page, TaskReport before, TaskReport after)
    {
        var rows = new ComparisonRows(page, $"task {before.Name}");
        rows.Latencies("late", before.Thread, after.Thread);
        rows.Percent("runs", before.RuntimePct, after.RuntimePct);
        rows.Percent("waits", before.WaitingPct, after.WaitingPct);
        rows.Write();
    }

    private static void WriteCpus(Page page, Comparison comparison)
    {
        var rows = new ComparisonRows(page, $"CPU time, in cores of {comparison.Base.Cpus.Count}");
        foreach (((string cls, double before), (_, double after)) in Comparison.Cores(comparison.Base).Zip(Comparison.Cores(comparison.Changed)))
            rows.Cores(cls, before, after);
        rows.Write();
    }

    private static void WriteHeat(Page page, Comparison comparison)
    {
        page.Heading("heat of the cores: busy, from CPU 0" + Heat.Note(comparison.Base.Cpus.Count, MostGlyphs));
        page.Item("base   ", HeatOf(comparison.Base));
        page.Item("changed", HeatOf(comparison.Changed));
    }

    private static string HeatOf(RunReport report) => Heat.Of(Heat.Grouped(report.Cpus.Select(cpu => 1 - (cpu.IdlePct + cpu.IowaitPct) / 100), report.Cpus.Count, MostGlyphs));
}
