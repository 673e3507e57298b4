using System.Text;

namespace Tophalf.Linux.Sampling;

/// <summary>
/// /proc/interrupts or /proc/softirqs read again and again: what was counted, and how much since the reading before. Nearly all bytes of two readings
/// are the same, so only the fields in which they differ are read; a reading allocates nothing unless a row or CPU came or went.
/// </summary>
public sealed class CounterTable(string path)
{
    private byte[] _text = [], _before = [];
    private int _length;
    private int _lengthBefore;
    private RowPlace[] _rows = [];
    private int[] _changed = new int[256];
    private long[] _changedFrom = new long[256];
    private int _changes;

    /// <summary>Where a row's counters stand in the text. Counters are printed as "%10u ", so all take the same room unless one has more digits.</summary>
    private readonly record struct RowPlace(int Start, int Counters, int CountersEnd, int End, int Columns);

    public string Path => path;

    /// <summary>CPU numbers of the columns.</summary>
    public int[] Cpus { get; private set; } = [];

    /// <summary>Before the colon, per row.</summary>
    public string[] Labels { get; private set; } = [];

    /// <summary>Behind the counters, per row.</summary>
    public string[] Tails { get; private set; } = [];

    /// <summary>Row after row, one counter per CPU; a row that counts for the whole machine has its count in the first column.</summary>
    public long[] Counts { get; private set; } = [];

    /// <summary>What was added since the reading before; alike in form. All 0 after the first reading and after one with other CPUs.</summary>
    public long[] Deltas { get; private set; } = [];

    /// <summary>Sum of a row's deltas.</summary>
    public long[] RowDeltas { get; private set; } = [];

    /// <summary>Changes whenever rows or CPUs did; names derived from them are then to be derived again.</summary>
    public int Layout { get; private set; }

    public int Rows => Labels.Length;

    /// <summary>One reading. Throws <see cref="LinuxException"/>, and <see cref="ReaderException"/> when the text is no such table.</summary>
    public void Refresh(ILinuxMachine machine)
    {
        (_text, _before) = (_before, _text);
        _lengthBefore = _length;
        _length = machine.Read(path, ref _text);
        ClearDeltas();
        if (Cpus.Length > 0 && _length == _lengthBefore)
        {
            if (TryUpdate())
                return;
            // The table has another form. What was read until this showed may have been read from wrong places.
            for (int i = _changes - 1; i >= 0; i--)
                Counts[_changed[i]] = _changedFrom[i];
            ClearDeltas();
        }
        ReadAll();
    }

    /// <summary>Reads the fields in which the text differs from the one before; false when anything but a counter does.</summary>
    private bool TryUpdate()
    {
        ReadOnlySpan<byte> now = _text.AsSpan(0, _length), before = _before.AsSpan(0, _length);
        int row = 0;
        for (int at = 0; at < _length;)
        {
            at += now[at..].CommonPrefixLength(before[at..]);
            if (at == _length)
                return true;
            while (row < _rows.Length && at >= _rows[row].End)
                row++;
            if (row == _rows.Length || at < _rows[row].Counters || at >= _rows[row].CountersEnd)
                return false;
            RowPlace place = _rows[row];
            int width = (place.CountersEnd - place.Counters) / place.Columns;
            if (width * place.Columns != place.CountersEnd - place.Counters)
            {
                if (!UpdateRow(row))
                    return false;
                at = place.CountersEnd;
                continue;
            }
            int column = (at - place.Counters) / width;
            int start = place.Counters + column * width;
            if (!TryNumber(now.Slice(start, width), out long count))
                return false;
            Count(row, column, count);
            at = start + width;
        }
        return true;
    }

    /// <summary>A row in which some counter is wider than the others: all of it is read.</summary>
    private bool UpdateRow(int row)
    {
        RowPlace place = _rows[row];
        ReadOnlySpan<byte> rest = _text.AsSpan(place.Counters, place.CountersEnd - place.Counters);
        for (int column = 0; column < place.Columns; column++)
        {
            int field = Field(ref rest, out long count);
            if (field == 0)
                return false;
            Count(row, column, count);
        }
        return rest.TrimStart((byte)' ').IsEmpty;
    }

    private void Count(int row, int column, long count)
    {
        int index = row * Cpus.Length + column;
        long from = Counts[index];
        if (count == from)
            return;
        long delta = Linux.Counters.Since(from, count) ?? 0;
        Counts[index] = count;
        Deltas[index] = delta;
        RowDeltas[row] += delta;
        if (_changes == _changed.Length)
        {
            Array.Resize(ref _changed, _changes * 2);
            Array.Resize(ref _changedFrom, _changes * 2);
        }
        _changedFrom[_changes] = from;
        _changed[_changes++] = index;
    }

    private void ClearDeltas()
    {
        foreach (int index in _changed.AsSpan(0, _changes))
        {
            Deltas[index] = 0;
            RowDeltas[index / Cpus.Length] = 0;
        }
        _changes = 0;
    }

    /// <summary>Blanks, then digits to the end or one blank more.</summary>
    private static bool TryNumber(ReadOnlySpan<byte> field, out long number)
    {
        ReadOnlySpan<byte> rest = field;
        return Field(ref rest, out number) > 0 && rest.TrimStart((byte)' ').IsEmpty;
    }

    /// <summary>Takes a number with the blanks before it; returns its digits, 0 when there is none or it is above 2^63.</summary>
    private static int Field(ref ReadOnlySpan<byte> rest, out long number)
    {
        const int MostDigits = 18;
        number = 0;
        int at = 0;
        while (at < rest.Length && rest[at] is (byte)' ' or (byte)'\t')
            at++;
        int first = at;
        for (; at < rest.Length && rest[at] is >= (byte)'0' and <= (byte)'9'; at++)
            number = number * 10 + (rest[at] - '0');
        int digits = at - first;
        if (digits is 0 or > MostDigits)
            return 0;
        rest = rest[at..];
        return digits;
    }

    /// <summary>Reads a table as if for the first time, and takes over the counts of rows that were there before.</summary>
    private void ReadAll()
    {
        (int[] cpus, string[] labels, long[] counts, int[] cpusBefore) = (Cpus, Labels, Counts, Cpus);
        ReadOnlySpan<byte> text = _text.AsSpan(0, _length);
        int header = text.IndexOf((byte)'\n');
        cpus = ReadHeader(header < 0 ? text : text[..header]);
        List<RowPlace> places = [];
        List<string> newLabels = [], newTails = [];
        List<long> newCounts = [];
        for (int start = header < 0 ? _length : header + 1; start < _length;)
        {
            int length = text[start..].IndexOf((byte)'\n');
            int end = length < 0 ? _length : start + length + 1;
            AddRow(text[start..end], start, cpus.Length, places, newLabels, newTails, newCounts);
            ReaderLimits.CheckRows(places.Count, places.Count + 1);
            start = end;
        }
        (_rows, Labels, Tails, Counts) = ([.. places], [.. newLabels], [.. newTails], [.. newCounts]);
        Deltas = new long[Counts.Length];
        RowDeltas = new long[Labels.Length];
        Cpus = cpus;
        Layout++;
        if (cpus.AsSpan().SequenceEqual(cpusBefore))
            TakeOver(labels, counts);
    }

    /// <summary>A label may come twice (PowerPC has two rows LOC), so the n-th row of a label is compared with the n-th before.</summary>
    private void TakeOver(string[] labels, long[] counts)
    {
        Dictionary<string, Queue<int>> before = [];
        for (int row = 0; row < labels.Length; row++)
        {
            if (!before.TryGetValue(labels[row], out Queue<int>? rows))
                before[labels[row]] = rows = new Queue<int>();
            rows.Enqueue(row);
        }
        for (int row = 0; row < Labels.Length; row++)
        {
            if (!before.TryGetValue(Labels[row], out Queue<int>? rows) || !rows.TryDequeue(out int old))
                continue;
            for (int column = 0; column < Cpus.Length; column++)
            {
                int index = row * Cpus.Length + column;
                long count = Counts[index];
                Counts[index] = counts[old * Cpus.Length + column];
                Count(row, column, count);
            }
        }
    }

    private int[] ReadHeader(ReadOnlySpan<byte> line)
    {
        List<int> cpus = [];
        foreach (string field in Encoding.UTF8.GetString(line).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (!field.StartsWith("CPU", StringComparison.Ordinal) || !int.TryParse(field.AsSpan(3), out int cpu) || cpu is < 0 or >= CpuMask.MaxCpus || cpus.Count == CpuMask.MaxCpus)
                throw ReaderException.WrongFile(path, 1, 1, "the first line is not one of CPU columns");
            cpus.Add(cpu);
        }
        return cpus.Count > 0 ? [.. cpus] : throw ReaderException.WrongFile(path, 1, 1, "the first line is not one of CPU columns");
    }

    /// <summary>A line without a label and counters is passed over.</summary>
    private static void AddRow(
        ReadOnlySpan<byte> line, int start, int cpus, List<RowPlace> places, List<string> labels, List<string> tails, List<long> counts)
    {
        int colon = line.IndexOf((byte)':');
        ReadOnlySpan<byte> rest = line[(colon + 1)..];
        int columns = 0;
        int first = counts.Count;
        while (colon >= 0 && columns < cpus && Field(ref rest, out long count) > 0)
        {
            counts.Add(count);
            columns++;
        }
        if (columns == 0)
            return;
        // Each counter has one blank behind it, which belongs to the field.
        int end = line.Length - rest.Length + (rest.Length > 0 && rest[0] == (byte)' ' ? 1 : 0);
        places.Add(new RowPlace(start, start + colon + 1, start + end, start + line.Length, columns));
        labels.Add(Encoding.UTF8.GetString(line[..colon]).Trim());
        tails.Add(Encoding.UTF8.GetString(rest).Trim());
        while (counts.Count < first + cpus)
            counts.Add(0);
    }
}
