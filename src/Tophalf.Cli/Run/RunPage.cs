using Tophalf.Advisor;
using Tophalf.Cli.Text;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Run;

/// <summary>One run of a twin for people: interrupts, CPUs, devices, the followed interrupt, findings. The seed stands first and last.</summary>
internal static class RunPage
{
    private const int TuningLinesShown = 20;

    /// <summary>The line printed before the run, so that a run that goes wrong can be repeated.</summary>
    public static string Header(string scenario, ulong seed, string costs, double seconds) =>
        $"tophalf run: {scenario}, seed {seed}, costs {costs}, {Figures.Duration(seconds)}";

    public static void Write(Page page, RunReport report, IReadOnlyList<Finding> findings, string? followed)
    {
        WriteTuning(page, report);
        InterruptsPart.Write(page, report);
        CpusPart.Write(page, report);
        foreach (DeviceReport device in report.Devices.Where(device => device.IsActive))
            DevicePart.Write(page, report, device);
        foreach (ClientsReport clients in report.Clients)
            ClientsPart.Write(page, report, clients);
        foreach (StreamsReport streams in report.Streams)
            StreamsPart.Write(page, report, streams);
        foreach (SocketReport socket in report.Sockets)
            SocketsPart.Write(page, socket);
        TasksPart.Write(page, report.Tasks);
        DelaysPart.Write(page, report);
        if (followed != null)
            HopsPart.Write(page, followed, report.Hops, report.Followed);
        FindingsPart.Write(page, "findings", findings);
        page.Line();
        page.Line(Footer(report));
    }

    public static string Footer(RunReport report) =>
        $"seed {report.Seed} · simulated {Figures.Duration(report.SimulatedS)} in {report.WallS:0.00} s";

    private static void WriteTuning(Page page, RunReport report)
    {
        string[] lines = report.TuningOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0)
            return;
        page.Heading("tuning said");
        foreach (string line in lines.Take(TuningLinesShown))
            page.Line("  " + line);
        if (lines.Length > TuningLinesShown)
            page.Line($"  … {Figures.Plural(lines.Length - TuningLinesShown, "more line")}", Look.Faint);
    }
}
