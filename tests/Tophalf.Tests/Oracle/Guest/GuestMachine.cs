using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;

namespace Tophalf.Tests.Oracle.Guest;

/// <summary>An emulator that boots the guest with a script and gives back what the guest printed.</summary>
internal abstract class GuestMachine
{
    public const int SerialPort = 0x3F8, PrinterPort = 0x378;
    private const uint Magic = 0x5041_4854;
    private const int HeaderSize = 16;

    /// <summary>Boots so far.</summary>
    public int Boots { get; private set; }

    /// <summary>
    /// Runs the operations in one boot. The answer has a line for each, without its number; fewer, if the guest died or went silent,
    /// and then the last says so.
    /// </summary>
    /// <param name="operations">Each with the bits of the CPUs that answer afterwards.</param>
    /// <param name="cpus">1 to 4.</param>
    public string[] Run(IReadOnlyList<(GuestOperation Operation, int Alive)> operations, int cpus)
    {
        Boots++;
        string folder = Directory.CreateTempSubdirectory("tophalf-guest-").FullName;
        try
        {
            byte[] script = new byte[HeaderSize + operations.Count * GuestOperation.Size];
            BinaryPrimitives.WriteUInt32LittleEndian(script, Magic);
            BinaryPrimitives.WriteInt32LittleEndian(script.AsSpan(4), operations.Count);
            BinaryPrimitives.WriteInt32LittleEndian(script.AsSpan(8), cpus);
            BinaryPrimitives.WriteInt32LittleEndian(script.AsSpan(12), OutputPort);
            for (int i = 0; i < operations.Count; i++) operations[i].Operation.Encode(script.AsSpan(HeaderSize + i * GuestOperation.Size), operations[i].Alive);
            string output = Path.Combine(folder, "output");
            string died = Boot(folder, script, output, cpus, TimeSpan.FromSeconds(20 + operations.Count / 500));
            return Read(File.Exists(output) ? File.ReadAllLines(output) : [], operations.Count, died);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    protected abstract int OutputPort { get; }

    /// <summary>Boots until the guest ends or the time is over; returns what the emulator had to say.</summary>
    protected abstract string Boot(string folder, byte[] script, string output, int cpus, TimeSpan limit);

    protected static string RunProcess(ProcessStartInfo start, TimeSpan limit)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(), said = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(limit)) process.Kill(entireProcessTree: true);
        process.WaitForExit();
        return said.Result + errors.Result;
    }

    private static string[] Read(string[] lines, int count, string died)
    {
        List<string> answers = [];
        foreach (string line in lines)
        {
            string number = answers.Count.ToString(CultureInfo.InvariantCulture);
            if (line == "end" || !line.StartsWith(number, StringComparison.Ordinal)) break;
            answers.Add(line[number.Length..]);
        }
        // The guest prints a line when it is complete: the last one of a dead guest is cut.
        if (answers.Count < count || lines[^1] != "end") answers.Add($" the guest ended here: {died.Trim()}");
        return [.. answers];
    }
}
