using System.Text.Json;
using Tophalf.Cli.Text;
using Tophalf.Linux;
using Tophalf.Linux.Captures;

namespace Tophalf.Cli.Show;

/// <summary>A capture: what it holds and lacks, and what came between its two moments.</summary>
internal sealed class ShownCapture(CaptureContent content) : Shown
{
    private const int MissingShown = 20;

    public override string Kind => "capture";

    public override void Write(Page page, string name)
    {
        page.Line(
            $"{name}: a capture, {Figures.Plural(content.First.Files.Count, "file")}, {Figures.Plural(content.Commands.Count, "command")}, two readings "
            + $"{Figures.Duration(content.ApartNs / 1e9)} apart{(content.IsRedacted ? ", redacted" : "")}", Look.Heading);
        page.Items(content.Commands.Select(command => ("$", command.Line)));
        if (content.Missing.Count > 0)
        {
            page.Heading("missing");
            page.Items(content.Missing.Take(MissingShown).Select(part => (part.Path, $"{part.Why}; {part.Remedy}")));
        }
        foreach (Shown between in Between())
        {
            page.Line();
            between.Write(page, between.Path!);
        }
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.Number("seconds", content.ApartNs / 1e9);
        json.WriteBoolean("redacted", content.IsRedacted);
        json.Strings("files", content.First.Files.Order(StringComparer.Ordinal));
        json.Strings("commands", content.Commands.Select(command => command.Line));
        json.Objects("missing", content.Missing, part =>
        {
            json.WriteString("path", part.Path);
            json.WriteString("why", part.Why);
            json.WriteString("remedy", part.Remedy);
        });
        json.Objects("between", Between(), between =>
        {
            json.WriteString("kind", between.Kind);
            between.Write(json);
        });
    }

    /// <summary>The counters' differences; a file that cannot be read is left out.</summary>
    private IEnumerable<Shown> Between()
    {
        foreach (string path in (IEnumerable<string>)[ProcInterrupts.Path, ProcSoftirqs.Path, SoftnetStat.Path, ProcStat.Path])
        {
            if (Read(content.First, path) is { } first && Read(content.Second, path) is { } second && second.Since(first, content.ApartNs / 1e9) is { } difference)
                yield return difference;
        }
    }

    private static Shown? Read(SavedTree tree, string path)
    {
        try
        {
            return tree.Contains(path) ? KernelFile.Read(tree.Read(path)) : null;
        }
        catch (ReaderException)
        {
            return null;
        }
    }
}
