using Tophalf.Cli.Text;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Run;

/// <summary>TCP streams: what they carried, in what pieces, and how often they were acknowledged.</summary>
internal static class StreamsPart
{
    public static void Write(Page page, RunReport report, StreamsReport streams)
    {
        page.Heading($"streams to {streams.Device}");
        page.Items(Lines(report, streams));
    }

    private static IEnumerable<(string Name, string Value)> Lines(RunReport report, StreamsReport streams)
    {
        yield return ("streams", Figures.Count(streams.Count));
        yield return ("acknowledged", $"{Figures.Count(streams.Acknowledged)} segments, {8 * streams.AcknowledgedBytes / report.SimulatedS / 1e9:0.00} Gb/s of data");
        DeviceReport device = report.DeviceOf(streams);
        if (device.StreamPieces > 0)
            yield return ("pieces", $"{Figures.Count(device.StreamPieces)}, {device.StreamSegments / (double)device.StreamPieces:0.0} segments each");
        yield return ("acks", $"{Figures.Count(streams.Acks)} ({Figures.Rate(streams.Acks / report.SimulatedS)})");
        if (streams.Timeouts > 0)
            yield return ("timeouts", Figures.Count(streams.Timeouts));
    }
}
