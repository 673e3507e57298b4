using System.Globalization;
using System.Text;
using Tophalf.Linux;

namespace Tophalf.Tests.Oracle.Linux;

/// <summary>A real Linux kernel, booted in QEMU's software emulation and spoken to over its serial line. The protocol is in tests/oracle/initramfs/agent.</summary>
internal sealed class OracleMachine : ILinuxMachine, IDisposable
{
    // Booting takes about 5 s where nothing else runs, and several times that beside the other tests.
    private static readonly TimeSpan BootPatience = TimeSpan.FromSeconds(120), AnswerPatience = TimeSpan.FromSeconds(60);

    private readonly SerialLine _serial;
    private int _lastId;

    public OracleMachine(OracleBoard board)
    {
        _serial = new SerialLine(board);
        while (_serial.ReadLine(BootPatience) != "@ready")
        {
        }
        _serial.StandStill();
    }

    public CommandResult Run(string commandLine)
    {
        int id = ++_lastId;
        _serial.GoOn();
        _serial.Send($"run {id}\n{Lines(Convert.ToBase64String(Encoding.UTF8.GetBytes(commandLine)))}.\n");
        string begin = $"@begin {id} ";
        string line;
        do line = _serial.ReadLine(AnswerPatience);
        while (!line.StartsWith(begin, StringComparison.Ordinal));
        int status = int.Parse(line.AsSpan(begin.Length), CultureInfo.InvariantCulture);
        var result = new CommandResult(Block($"@error {id}"), Block($"@end {id}"), status);
        _serial.StandStill();
        return result;
    }

    public string Read(string path)
    {
        CommandResult result = Run($"cat {Quoted(path)}");
        return result.Status == 0 ? result.Output : throw Failure(result, path);
    }

    // cat makes one write(2) of it and, other than printf, says what went wrong.
    public void Write(string path, string text)
    {
        CommandResult result = Run($"printf %s {Quoted(text)} | cat > {Quoted(path)}");
        if (result.Status != 0) throw Failure(result, path);
    }

    public IReadOnlyList<string> List(string path)
    {
        CommandResult result = Run($"cd {Quoted(path)} && ls -1A");
        if (result.Status != 0) throw Failure(result, path);
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }

    public long NowNs => (long)(decimal.Parse(Read("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture) * 1_000_000_000m);

    public void Sleep(long durationNs) => Run($"usleep {(durationNs + 999) / 1000}");

    public void Dispose() => _serial.Dispose();

    /// <summary>Lines of base64 up to the line <paramref name="end"/>.</summary>
    private string Block(string end)
    {
        var base64 = new StringBuilder();
        for (string line = _serial.ReadLine(AnswerPatience); line != end; line = _serial.ReadLine(AnswerPatience)) base64.Append(line);
        return Encoding.UTF8.GetString(Convert.FromBase64String(base64.ToString()));
    }

    /// <summary>A terminal takes no line of any length.</summary>
    private static string Lines(string base64)
    {
        var text = new StringBuilder();
        foreach (char[] line in base64.Chunk(76)) text.Append(line).Append('\n');
        return text.ToString();
    }

    private static string Quoted(string text) => "'" + text.Replace("'", @"'\''") + "'";

    private static LinuxException Failure(CommandResult result, string path)
    {
        string words = result.Error.TrimEnd();
        if (words.EndsWith("nonexistent directory", StringComparison.Ordinal)) return new LinuxException(Errno.ENOENT, path);
        foreach (Errno errno in Enum.GetValues<Errno>())
        {
            if (words.EndsWith(errno.Text(), StringComparison.Ordinal)) return new LinuxException(errno, path);
        }
        throw new OracleException($"{path}: {words}");
    }
}
