using System.Buffers.Text;

namespace Tophalf.Linux.Sampling;

/// <summary>The times of /proc/stat read again and again: per CPU and class, and what was added since the reading before. Allocates only when CPUs come or go.</summary>
public sealed class StatTable
{
    /// <summary>user, nice, system, idle, iowait, irq, softirq, steal; guest time is in user's already.</summary>
    public const int Classes = 8;

    private byte[] _text = [];
    private int[] _next = new int[16];
    private long[] _nextTimes = new long[16 * Classes];

    public int[] Cpus { get; private set; } = [];

    /// <summary>CPU after CPU, ticks of each class.</summary>
    public long[] Times { get; private set; } = [];

    /// <summary>Ticks since the reading before; all 0 after the first and after one with other CPUs.</summary>
    public long[] Deltas { get; private set; } = [];

    public long ContextSwitches { get; private set; }
    public long ContextSwitchesDelta { get; private set; }

    /// <summary>One reading. Throws <see cref="LinuxException"/>, and <see cref="ReaderException"/> when no CPU has a line.</summary>
    public void Refresh(ILinuxMachine machine)
    {
        int length = machine.Read(ProcStat.Path, ref _text);
        int cpus = 0;
        long switches = 0;
        for (ReadOnlySpan<byte> rest = _text.AsSpan(0, length); !rest.IsEmpty;)
        {
            int newline = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = newline < 0 ? rest : rest[..newline];
            rest = newline < 0 ? default : rest[(newline + 1)..];
            if (line.StartsWith("cpu"u8) && Utf8Parser.TryParse(line[3..], out int cpu, out int digits) && cpus < CpuMask.MaxCpus)
                ReadCpu(line[(3 + digits)..], cpu, cpus++);
            else if (line.StartsWith("ctxt "u8) && Utf8Parser.TryParse(line[5..], out long count, out _))
                switches = count;
        }
        if (cpus == 0)
            throw ReaderException.WrongFile(ProcStat.Path, 1, 1, "no line of a CPU");
        ContextSwitchesDelta = Times.Length > 0 ? Math.Max(0, switches - ContextSwitches) : 0;
        ContextSwitches = switches;
        if (_next.AsSpan(0, cpus).SequenceEqual(Cpus))
        {
            // Idle and iowait may go back a little (fs/proc/stat.c, get_idle_time).
            for (int i = 0; i < Times.Length; i++)
                Deltas[i] = Math.Max(0, _nextTimes[i] - Times[i]);
            _nextTimes.AsSpan(0, Times.Length).CopyTo(Times);
            return;
        }
        Cpus = _next[..cpus];
        Times = _nextTimes[..(cpus * Classes)];
        Deltas = new long[Times.Length];
    }

    private void ReadCpu(ReadOnlySpan<byte> rest, int cpu, int index)
    {
        if (index == _next.Length)
        {
            Array.Resize(ref _next, index * 2);
            Array.Resize(ref _nextTimes, index * 2 * Classes);
        }
        _next[index] = cpu;
        for (int cls = 0; cls < Classes; cls++)
        {
            rest = rest.TrimStart((byte)' ');
            bool isNumber = Utf8Parser.TryParse(rest, out long ticks, out int digits) && ticks >= 0;
            _nextTimes[index * Classes + cls] = isNumber ? ticks : 0;
            rest = rest[(isNumber ? digits : 0)..];
        }
    }
}
