using System.Buffers.Text;

namespace Tophalf.Linux.Sampling;

/// <summary>
/// The first three counters of /proc/net/softnet_stat read again and again, and what was added since the reading before. Allocates only when rows come or go.
/// </summary>
public sealed class SoftnetTable
{
    /// <summary>processed, dropped, time_squeeze.</summary>
    public const int Counters = 3;

    private byte[] _text = [];
    private uint[] _next = new uint[16 * Counters];
    private uint[] _counts = [];

    /// <summary>Row after row; all 0 after the first reading and after one with other rows.</summary>
    public long[] Deltas { get; private set; } = [];

    public int Rows => Deltas.Length / Counters;

    /// <summary>One reading. Throws <see cref="LinuxException"/>.</summary>
    public void Refresh(ILinuxMachine machine)
    {
        int length = machine.Read(SoftnetStat.Path, ref _text);
        int rows = 0;
        for (ReadOnlySpan<byte> rest = _text.AsSpan(0, length); !rest.IsEmpty && rows < CpuMask.MaxCpus;)
        {
            int newline = rest.IndexOf((byte)'\n');
            if (TryRow(newline < 0 ? rest : rest[..newline], rows))
                rows++;
            rest = newline < 0 ? default : rest[(newline + 1)..];
        }
        int values = rows * Counters;
        if (_counts.Length != values)
        {
            _counts = _next[..values];
            Deltas = new long[values];
            return;
        }
        // The counters are 32 bits wide and wrap.
        for (int i = 0; i < values; i++)
            Deltas[i] = unchecked(_next[i] - _counts[i]);
        _next.AsSpan(0, values).CopyTo(_counts);
    }

    private bool TryRow(ReadOnlySpan<byte> line, int row)
    {
        if ((row + 1) * Counters > _next.Length)
            Array.Resize(ref _next, _next.Length * 2);
        for (int column = 0; column < Counters; column++)
        {
            line = line.TrimStart((byte)' ');
            if (!Utf8Parser.TryParse(line, out uint value, out int digits, 'x'))
                return false;
            _next[row * Counters + column] = value;
            line = line[digits..];
        }
        return true;
    }
}
