using System.CommandLine;
using System.Text.Json;
using Tophalf.Cli.Show;
using Tophalf.Cli.Text;
using Tophalf.Linux;
using Tophalf.Linux.Captures;
using Tophalf.Simulation;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Cli.Commands;

/// <summary><c>tophalf show FILE...</c>: kernel files somebody saved, read and explained; of two readings of one machine, what is between them.</summary>
internal static class ShowCommand
{
    public static Command Create(Terminal terminal)
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = $"Any of: {KernelFile.Known}; also packed with gzip, bzip2, xz or zstd. Two readings of the same machine show what came between them",
            HelpName = "FILE...",
            Arity = ArgumentArity.OneOrMore,
        };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var apart = new Option<string?>("--apart") { Description = "Time between two readings, such as 3s: show rates per second", HelpName = "DURATION" };
        var command = new Command("show", "Read and explain kernel files that somebody saved") { files, json, apart };
        command.SetAction(line => Run(line.GetRequiredValue(files), line.GetValue(json), Seconds(line.GetValue(apart)), terminal));
        return command;
    }

    private static double? Seconds(string? text)
    {
        if (text is null)
            return null;
        if (!Quantity.DurationPs.TryParse(text, out long ps, out string? problem))
            throw new UsageException($"--apart: {problem}");
        return ps > 0 ? ps / (double)SimTime.Second : throw new UsageException($"--apart: {UsageProblem.Quote(text)} is no time at all; write a duration such as 3s");
    }

    /// <summary>Shows every file that can be read; one that cannot does not keep the others from being shown.</summary>
    private static int Run(string[] files, bool isJson, double? seconds, Terminal terminal)
    {
        int status = ExitCode.Good;
        List<(string Name, Shown What)> shown = [];
        foreach (string file in files)
        {
            try
            {
                byte[] bytes = new LiveMachine().ReadBytes(Path.GetFullPath(file));
                shown.Add((file, MachineOpener.IsArchive(bytes) ? new ShownCapture(CaptureReader.Read(new MemoryStream(bytes))) : KernelFile.Read(SavedBytes.Unpack(bytes))));
            }
            catch (ReaderException error)
            {
                terminal.Error.WriteLine($"tophalf: {Visible.Of(file)}:{Visible.Of(error.Message)}");
                status = ExitCode.BadInput;
            }
            catch (LinuxException error)
            {
                terminal.Error.WriteLine($"tophalf: {Visible.Of(file)}:1:1: {error.Errno.Text()}; give a file that can be read");
                status = ExitCode.BadInput;
            }
        }

        if (files.Length == 2 && shown is [var earlier, var later] && later.What.Since(earlier.What, seconds) is { } difference)
            shown = [($"{later.Name} since {earlier.Name}", difference)];
        else if (seconds is not null && status == ExitCode.Good)
            throw new UsageException("--apart wants two readings of one machine; give the earlier file and then the later one");
        if (shown.Count > 0)
            Print(shown, isJson, files.Length > 1 && shown.Count > 1, terminal);
        return status;
    }

    private static void Print(List<(string Name, Shown What)> shown, bool isJson, bool isArray, Terminal terminal)
    {
        if (isJson)
        {
            terminal.Output.Write(JsonText.Of(json =>
            {
                if (isArray)
                    json.WriteStartArray();
                foreach ((string name, Shown what) in shown)
                    WriteJson(json, name, what);
                if (isArray)
                    json.WriteEndArray();
            }));
            return;
        }
        var page = new Page(terminal);
        foreach ((string name, Shown what) in shown)
        {
            if (what != shown[0].What)
                page.Line();
            what.Write(page, name);
            ProblemsPart.Write(page, name, what.Problems);
        }
        page.Print();
    }

    private static void WriteJson(Utf8JsonWriter json, string name, Shown what)
    {
        json.WriteStartObject();
        json.WriteString("file", name);
        json.WriteString("kind", what.Kind);
        what.Write(json);
        ProblemsPart.Write(json, what.Problems);
        json.WriteEndObject();
    }
}
