using System.CommandLine;
using Tophalf.Cli.Show;
using Tophalf.Linux;
using Tophalf.Linux.Captures;
using Tophalf.Twin;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Cli;

/// <summary>The machine a verb works on: <c>--on live|CAPTURE|SCENARIO|FILE</c>.</summary>
internal static class MachineOpener
{
    private const string Live = "live";

    public static Option<string?> Option() => new("--on")
    {
        Description = "The machine: live (this one), a capture (.tar.gz), a scenario's twin (.yaml), or one kernel file somebody saved",
        HelpName = "live|CAPTURE|SCENARIO|FILE",
    };

    /// <param name="on">What the user wrote; null for the live machine.</param>
    /// <param name="terminal">Where the tuning of a scenario prints to.</param>
    public static ILinuxMachine Open(string? on, Terminal terminal)
    {
        if (on is null or Live)
            return new LiveMachine { CommandLimit = CaptureLimits.CommandTime };
        if (Path.GetExtension(on) is ".yaml" or ".yml")
            return Twin(on, terminal);
        try
        {
            byte[] bytes = new LiveMachine().ReadBytes(Path.GetFullPath(on));
            return IsArchive(bytes) ? new CapturedMachine(CaptureReader.Read(new MemoryStream(bytes))) : OfOneFile(bytes);
        }
        catch (ReaderException error)
        {
            throw new UsageException($"{on}:{error.Message}");
        }
        catch (LinuxException error)
        {
            throw new UsageException($"{on}:1:1: {error.Errno.Text()}; write live, or the path of a capture, a scenario or a kernel file");
        }
    }

    /// <summary>Whether gzip holds a tar: its first block has the letters "ustar" at a fixed place.</summary>
    public static bool IsArchive(byte[] bytes)
    {
        const int MagicAt = 257;
        if (!SavedBytes.IsGzip(bytes))
            return false;
        byte[] block = new byte[MagicAt + 5];
        try
        {
            using var gzip = new System.IO.Compression.GZipStream(new MemoryStream(bytes), System.IO.Compression.CompressionMode.Decompress);
            return gzip.ReadAtLeast(block, block.Length, throwOnEndOfStream: false) == block.Length && block.AsSpan(MagicAt).SequenceEqual("ustar"u8);
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static TwinMachine Twin(string path, Terminal terminal)
    {
        Scenario scenario = ScenarioFile.Load(path);
        TwinMachine machine = MachineBuilder.Build(scenario, scenario.Seed, exact: false);
        terminal.Output.Write(TwinRunner.Tune(machine, command: null));
        return machine;
    }

    /// <summary>A machine of which nothing is known but one file, at the place it has in a machine.</summary>
    private static ILinuxMachine OfOneFile(byte[] bytes)
    {
        byte[] unpacked = SavedBytes.Unpack(bytes);
        Shown shown = KernelFile.Read(unpacked);
        string text = System.Text.Encoding.UTF8.GetString(unpacked);
        if (shown is ShownIrqTree)
            return PathListing.Parse(text);
        if (shown is ShownKernelLog)
            return OfOneCommand("dmesg", text);
        if (shown.Path is not { } path)
            throw new ReaderException(1, 1, $"a file of kind {shown.Kind} is no machine", "use tophalf show for it, or give a capture");
        return new SavedTree().Add(path, text);
    }

    /// <summary>A machine of which nothing is known but what one command printed.</summary>
    private static CapturedMachine OfOneCommand(string line, string output) =>
        new(new CaptureContent(new SavedTree(), new SavedTree(), ApartNs: 0, [new CapturedCommand(line, new CommandResult(output, "", 0))], Trace: null, [], IsRedacted: false));
}
