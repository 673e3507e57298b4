using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Tophalf.Tests.Oracle.Linux;

/// <summary>A QEMU process and the serial port of its machine, line by line. A machine that stays silent too long is killed.</summary>
internal sealed class SerialLine : IDisposable
{
    private const int SigCont = 18, SigStop = 19;

    private readonly Process _qemu;
    private readonly bool _mayStandStill;
    private readonly StringBuilder _errors = new();
    private readonly byte[] _buffer = new byte[1 << 16];
    private readonly StringBuilder _line = new();
    private int _next, _filled;

    public SerialLine(OracleBoard board)
    {
        var start = new ProcessStartInfo("qemu-system-x86_64") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            "-accel", "tcg", "-smp", board.Cpus.ToString(CultureInfo.InvariantCulture), "-m", "256", "-nodefaults", "-no-user-config", "-display", "none", "-vga", "std", "-no-reboot",
            "-serial", "stdio", "-monitor", "none", .. board.Devices,
            "-kernel", board.Kernel.Image, "-initrd", board.Kernel.Initramfs,
            // The console is the screen nobody looks at: the serial line belongs to the agent.
            "-append", $"console=tty0 net.ifnames=0 iomem=relaxed panic=-1 loglevel=1 {board.Parameters}",
            .. board.CountsInstructions ? new[] { "-icount", "shift=0,sleep=off" } : [],
        ];
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        _mayStandStill = board.CountsInstructions;
        _qemu = Process.Start(start) ?? throw new OracleException("qemu-system-x86_64 did not start");
        _qemu.ErrorDataReceived += (_, received) => { lock (_errors) _errors.AppendLine(received.Data); };
        _qemu.BeginErrorReadLine();
    }

    /// <summary>A machine whose clock counts its instructions never waits, not even when it idles: between two commands it stands still, and does not notice.</summary>
    public void StandStill()
    {
        if (_mayStandStill) _ = kill(_qemu.Id, SigStop);
    }

    public void GoOn()
    {
        if (_mayStandStill) _ = kill(_qemu.Id, SigCont);
    }

    [DllImport("libc")]
    private static extern int kill(int pid, int signal);

    public void Send(string text)
    {
        _qemu.StandardInput.BaseStream.Write(Encoding.ASCII.GetBytes(text));
        _qemu.StandardInput.BaseStream.Flush();
    }

    /// <summary>The next line, without its end and without what the board's ticker writes in between.</summary>
    public string ReadLine(TimeSpan patience)
    {
        using var guard = new Timer(_ => Kill(), null, patience, Timeout.InfiniteTimeSpan);
        _line.Clear();
        while (true)
        {
            if (_next == _filled)
            {
                _filled = _qemu.StandardOutput.BaseStream.Read(_buffer);
                _next = 0;
                if (_filled == 0)
                {
                    lock (_errors)
                        throw new OracleException($"the machine ended or said nothing for {patience.TotalSeconds} s; its last words: {_line}\n{_errors}");
                }
            }
            char c = (char)_buffer[_next++];
            if (c == '\n') return _line.ToString();
            if (c is not ('\r' or Ticker)) _line.Append(c);
        }
    }

    /// <summary>Written by the board itself, to make the serial port interrupt; never part of an answer.</summary>
    private const char Ticker = '~';

    private void Kill()
    {
        if (!_qemu.HasExited) _qemu.Kill();
    }

    public void Dispose()
    {
        Kill();
        _qemu.Dispose();
    }
}
