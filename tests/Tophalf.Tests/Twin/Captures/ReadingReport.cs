using System.Text;
using Tophalf.Twin.Captures;

namespace Tophalf.Tests.Twin.Captures;

/// <summary>A reading of a capture as text, one line per packet, so that a test shows all of it at a glance.</summary>
internal static class ReadingReport
{
    public static string Read(CaptureWriter file) => Read(file.ToStream());

    public static string Read(Stream file)
    {
        var text = new StringBuilder();
        try
        {
            var reader = new CaptureReader(file);
            while (reader.TryRead(out var packet))
            {
                string flow = packet.HasFlow ? packet.Flow.ToString() : "no flow";
                text.AppendLine($"{packet.TimePs} ps  {packet.CapturedLength}/{packet.OriginalLength}  {packet.LinkType}  {flow}");
            }

            if (reader.BackwardStamps > 0)
                text.AppendLine($"{reader.BackwardStamps} stamped backward");
            if (reader.Truncated is { } cut)
                text.AppendLine(cut.ToString());
        }
        catch (CaptureException broken)
        {
            text.AppendLine(broken.Message);
        }

        return text.ToString().TrimEnd();
    }
}
