using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace Tophalf.Tests.Cli;

/// <summary>A terminal with nobody before it (pty(7)), and a program in it that takes it for its own.</summary>
internal sealed class PseudoTerminal : IDisposable
{
    private const uint Unlock = 0x40045431, GetNumber = 0x80045430;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly FileStream _master;
    private readonly Process _program;
    private readonly StringBuilder _output = new();
    private readonly Thread _reader;

    /// <param name="script">What runs in it; $TOPHALF is the command.</param>
    public PseudoTerminal(int rows, int columns, string script)
    {
        SafeFileHandle handle = File.OpenHandle("/dev/ptmx", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        int value = 0;
        Assert.Equal(0, Ioctl(handle, Unlock, ref value));
        Assert.Equal(0, Ioctl(handle, GetNumber, ref value));
        _master = new FileStream(handle, FileAccess.ReadWrite, bufferSize: 0);
        Name = $"/dev/pts/{value}";
        Resize(rows, columns);
        Before = Settings();
        string quoted = script.Replace("'", "'\\''", StringComparison.Ordinal);
        _program = Process.Start(TophalfProcess.Shell($"exec setsid --ctty sh -c '{quoted}' <>{Name} >&0 2>&1"))!;
        _reader = new Thread(Read) { IsBackground = true };
        _reader.Start();
    }

    public string Name { get; }

    /// <summary>Settings of the terminal before the program began (stty -g).</summary>
    public string Before { get; }

    /// <summary>All that was written so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public string Settings() => TophalfProcess.Script($"stty -g <{Name}").Output;

    public void Resize(int rows, int columns) => TophalfProcess.Script($"stty rows {rows} cols {columns} <{Name}");

    public void Type(string keys) => _master.Write(Encoding.UTF8.GetBytes(keys));

    public void Signal(string name) => TophalfProcess.Script($"kill -{name} {_program.Id}");

    /// <summary>Waits until the program has written something of the sort, and returns all that came behind <paramref name="from"/>.</summary>
    public string WaitFor(Func<string, bool> isThere, int from = 0)
    {
        var patience = Stopwatch.StartNew();
        while (patience.Elapsed < s_patience)
        {
            string output = Output[from..];
            if (isThere(output))
                return output;
            Thread.Sleep(20);
        }
        throw new TimeoutException($"it never came: {Output[from..].Replace("\e", "^[", StringComparison.Ordinal)}");
    }

    public int WaitForExit()
    {
        Assert.True(_program.WaitForExit(s_patience), "the program does not end");
        return _program.ExitCode;
    }

    /// <summary>As when the window is closed.</summary>
    public void Close() => _master.Dispose();

    public void Dispose()
    {
        if (!_program.HasExited)
            _program.Kill(entireProcessTree: true);
        _program.WaitForExit();
        _program.Dispose();
        _master.Dispose();
    }

    private void Read()
    {
        byte[] buffer = new byte[4096];
        Decoder decoder = Encoding.UTF8.GetDecoder();
        char[] characters = new char[buffer.Length];
        while (true)
        {
            try
            {
                int got = _master.Read(buffer);
                int count = decoder.GetChars(buffer.AsSpan(0, got), characters, flush: false);
                lock (_output)
                    _output.Append(characters, 0, count);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (IOException)
            {
                // Nobody has it open: not yet, or no more.
                Thread.Sleep(10);
            }
        }
    }

    [DllImport("libc", EntryPoint = "ioctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Ioctl(SafeFileHandle handle, nuint request, ref int value);
}
