using System.CommandLine;
using Tophalf.Cli.Text;
using Tophalf.Linux;
using Tophalf.Linux.Captures;
using Tophalf.Simulation;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Cli.Commands;

/// <summary><c>tophalf capture [-o FILE.tar.gz] [--for 5s] [--redact]</c>: one archive of what a machine tells about its interrupts.</summary>
internal static class CaptureCommand
{
    private const long DefaultNs = 5_000_000_000;
    private const long LongestNs = 3600_000_000_000;
    private const int MissingShown = 20;

    public static Command Create(Terminal terminal)
    {
        var output = new Option<string?>("-o") { Description = "Where to; otherwise tophalf-capture.tar.gz here", HelpName = "FILE.tar.gz" };
        var duration = new Option<string?>("--for") { Description = "Time between the two readings of the counters; otherwise 5s", HelpName = "DURATION" };
        var redact = new Option<bool>("--redact") { Description = "Replace addresses, host names, UUIDs and serial numbers, the same by the same" };
        var on = MachineOpener.Option();
        var command = new Command("capture", "Record what this machine tells about its interrupts, twice, in one archive") { output, duration, redact, on };
        command.SetAction(line => Run(line.GetValue(output) ?? "tophalf-capture.tar.gz", DurationNs(line.GetValue(duration)), line.GetValue(redact), line.GetValue(on), terminal));
        return command;
    }

    private static long DurationNs(string? text)
    {
        if (text is null)
            return DefaultNs;
        if (!Quantity.DurationPs.TryParse(text, out long ps, out string? problem))
            throw new UsageException($"--for: {problem}");
        long ns = ps / SimTime.Nanosecond;
        return ns is > 0 and <= LongestNs ? ns : throw new UsageException($"--for: {UsageProblem.Quote(text)} is not between 1ns and 3600s; write a duration such as 5s");
    }

    private static int Run(string file, long apartNs, bool redacts, string? on, Terminal terminal)
    {
        using var interrupt = new Interruption();
        CaptureContent content = CaptureTaker.Take(MachineOpener.Open(on, terminal), apartNs, interrupt.Token);
        if (redacts)
            content = Redactor.Redact(content);
        try
        {
            using FileStream stream = new(file, FileMode.Create, FileAccess.Write);
            CaptureArchive.Write(content, stream);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"-o: {UsageProblem.Quote(file)} cannot be written: {exception.Message.TrimEnd('.')}; name a file in a folder of yours");
        }
        var page = new Page(terminal);
        page.Line(
            $"{file}: {Figures.Plural(content.First.Files.Count, "file")} and {Figures.Plural(content.Commands.Count, "command")}, two readings {Figures.Duration(content.ApartNs / 1e9)} apart, "
            + $"{(content.Trace is null ? "no trace" : "with a trace")}{(redacts ? ", redacted" : "")}", Look.Heading);
        if (content.Missing.Count > 0)
        {
            page.Heading("missing");
            page.Items(content.Missing.Take(MissingShown).Select(part => (part.Path, $"{part.Why}; {part.Remedy}")));
            if (content.Missing.Count > MissingShown)
                page.Line($"  {Figures.Count(content.Missing.Count - MissingShown)} more, in its manifest.json", Look.Faint);
        }
        page.Print();
        return ExitCode.Good;
    }
}
