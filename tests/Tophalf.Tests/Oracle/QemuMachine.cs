using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Tophalf.Tests.Oracle;

/// <summary>What QEMU answered to one command: the value if it was a read, and the level the intercepted line went to, if it changed.</summary>
internal readonly record struct QemuReply(ulong Value, bool? Line);

/// <summary>
/// A QEMU machine whose devices are driven through the qtest protocol (QEMU, docs/devel/testing/qtest.rst) over
/// a Unix socket. Interrupt messages that reach its local APICs are read from the trace point apic_deliver_irq.
/// </summary>
internal sealed class QemuMachine : IDisposable
{
    // Commands sent before their answers are read. Both directions must fit the socket's buffers, or both sides would wait for each other.
    private const int BatchSize = 1_000;

    private readonly string _folder;
    private readonly Process _process;
    private readonly Socket _socket;
    private byte[] _buffer = new byte[1 << 16];
    private readonly StreamReader _messages;
    private int _at, _filled;

    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "qemu-system-x86_64")).FirstOrDefault(File.Exists);

    /// <summary>A machine whose processor stands still.</summary>
    public QemuMachine(params string[] arguments) : this(runs: false, arguments)
    {
    }

    public QemuMachine(bool runs, string[] arguments)
    {
        _folder = Directory.CreateTempSubdirectory("tophalf-qemu-").FullName;
        string socketPath = Path.Combine(_folder, "qtest"), tracePath = Path.Combine(_folder, "trace");
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(socketPath));
        listener.Listen();
        File.Create(tracePath).Dispose();
        _process = Process.Start(new ProcessStartInfo(Program!,
        [
            "-accel", "tcg", "-machine", "pc", "-m", "16", "-display", "none", "-vga", "none", "-nodefaults",
            "-qtest", $"unix:{socketPath}", "-qtest-log", "none", "-d", "trace:apic_deliver_irq", "-D", tracePath, .. runs ? [] : new[] { "-S" }, .. arguments,
        ])
        { RedirectStandardError = true, RedirectStandardInput = true })!;
        if (!listener.Poll(TimeSpan.FromSeconds(30), SelectMode.SelectRead))
        {
            _process.Kill();
            throw new InvalidOperationException($"QEMU did not start: {_process.StandardError.ReadToEnd()}");
        }
        _socket = listener.Accept();
        _socket.ReceiveTimeout = 30_000;
        _messages = new StreamReader(new FileStream(tracePath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
    }

    public QemuReply Run(string command) => Run([command])[0];

    /// <summary>Runs the commands in their order.</summary>
    public QemuReply[] Run(IReadOnlyList<string> commands)
    {
        QemuReply[] replies = new QemuReply[commands.Count];
        StringBuilder batch = new();
        for (int start = 0; start < commands.Count; start += BatchSize)
        {
            int end = Math.Min(start + BatchSize, commands.Count);
            batch.Clear();
            for (int i = start; i < end; i++) batch.Append(commands[i]).Append('\n');
            Send(batch.ToString());
            for (int i = start; i < end; i++) replies[i] = ReadReply(commands[i]);
        }
        return replies;
    }

    public byte[] ReadMemory(uint address, int count)
    {
        Send(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"read {address} {count}\n"));
        ReadOnlySpan<byte> line = ReadLine();
        while (line.StartsWith("IRQ "u8)) line = ReadLine();
        return Convert.FromHexString(Encoding.ASCII.GetString(line["OK 0x".Length..]));
    }

    /// <summary>The interrupt messages sent since the last call, as QEMU's trace point prints them: destination, modes, vector, trigger.</summary>
    public List<string> TakeMessages()
    {
        List<string> lines = [];
        while (_messages.ReadLine() is { } line) lines.Add(line);
        return lines;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _messages.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Send(string text)
    {
        ReadOnlySpan<byte> bytes = Encoding.ASCII.GetBytes(text);
        while (bytes.Length > 0) bytes = bytes[_socket.Send(bytes)..];
    }

    private QemuReply ReadReply(string command)
    {
        bool? line = null;
        while (true)
        {
            ReadOnlySpan<byte> text = ReadLine();
            if (text.StartsWith("IRQ "u8)) line = text.StartsWith("IRQ raise"u8);
            else if (text.SequenceEqual("OK"u8)) return new QemuReply(0, line);
            else if (text.StartsWith("OK 0x"u8)) return new QemuReply(ulong.Parse(text[5..], System.Globalization.NumberStyles.AllowHexSpecifier), line);
            else throw new InvalidOperationException($"QEMU answered '{Encoding.ASCII.GetString(text)}' to '{command}'");
        }
    }

    private ReadOnlySpan<byte> ReadLine()
    {
        while (true)
        {
            int length = _buffer.AsSpan(_at, _filled - _at).IndexOf((byte)'\n');
            if (length >= 0)
            {
                ReadOnlySpan<byte> line = _buffer.AsSpan(_at, length);
                _at += length + 1;
                return line;
            }
            _buffer.AsSpan(_at, _filled - _at).CopyTo(_buffer);
            _filled -= _at;
            _at = 0;
            if (_filled == _buffer.Length) Array.Resize(ref _buffer, 2 * _filled);
            int read = _socket.Receive(_buffer.AsSpan(_filled));
            if (read == 0) throw new InvalidOperationException($"QEMU ended: {_process.StandardError.ReadToEnd()}");
            _filled += read;
        }
    }
}
