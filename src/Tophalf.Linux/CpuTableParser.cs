using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Tophalf.Linux;

/// <summary>
/// Finds the tables of per-CPU counters in a text, which may be a whole mail or console log: other lines are passed over,
/// several tables may follow each other, long rows may have been wrapped by a mail program.
/// </summary>
internal ref struct CpuTableParser()
{
    /// <summary>The longest label Linux prints is BLOCK_IOPOLL.</summary>
    private const int MaxLabelLength = 16;

    /// <summary>A mail program breaks a line only where the next word would pass its margin, which is 70 columns or more.</summary>
    private const int NarrowestWrap = 70;

    /// <summary>A line longer than this was left whole, so what follows it is not its rest.</summary>
    private const int WidestWrap = 100;

    private readonly List<CpuTable> _tables = [];
    private List<int>? _cpus;
    private List<CpuTableRow> _rows = [];
    private StringBuilder? _wrapped;
    private ReadOnlySpan<char> _row;
    private int _rowLine;
    private int _rowColumn;
    private int _lastLineLength;
    private int _looseLines;
    private int _widest;
    private List<ReaderProblem> _problems = [];
    private long[] _counts = new long[16];

    /// <summary>Every table of the text, at least one. Throws <see cref="ReaderException"/> when there is none.</summary>
    public static IReadOnlyList<CpuTable> Parse(string text, string file)
    {
        ReaderLimits.CheckText(text, file);
        CpuTableParser parser = new();
        foreach (TextLine line in new TextLines(text))
            parser.ReadLine(line);
        parser.EndRow();
        if (parser.IsTableWithoutHeader())
            return [new CpuTable([.. Enumerable.Range(0, parser._widest)], HasHeader: false, parser._rows, parser._problems)];
        parser.EndTable();
        if (parser._tables.Count == 0)
            throw ReaderException.WrongFile(file, 1, 1, $"no line of CPU columns and no rows of {file}");
        return parser._tables;
    }

    private void ReadLine(TextLine line)
    {
        if (IsHeader(line.Text))
        {
            EndRow();
            ReadHeader(line);
        }
        else if (LabelLength(line.Text) > 0)
        {
            EndRow();
            _row = line.Text;
            _rowLine = line.Number;
            _rowColumn = line.FirstColumn;
            _lastLineLength = line.Text.Length;
        }
        else if (ContinuesRow(line.Text))
        {
            _wrapped ??= new StringBuilder().Append(_row);
            _wrapped.Append(' ').Append(line.Text.TrimStart());
            _lastLineLength = line.Text.Length;
        }
        else
        {
            EndRow();
            if (!line.Text.IsEmpty)
                _looseLines++;
        }
    }

    /// <summary>A line of nothing but CPU columns.</summary>
    private static bool IsHeader(ReadOnlySpan<char> line)
    {
        Fields fields = new(line);
        int columns = 0;
        for (; fields.Take(out ReadOnlySpan<char> field); columns++)
        {
            if (!field.StartsWith("CPU") || !Fields.IsNumber(field[3..]))
                return false;
        }
        return columns > 0;
    }

    private void ReadHeader(TextLine line)
    {
        // A second line of columns that goes on where the first stopped is a wrapped header; any other starts a new table.
        bool wrapped = _cpus is not null && _rows.Count == 0 && FirstCpu(line.Text) > _cpus[^1];
        if (!wrapped)
        {
            EndTable();
            _cpus = [];
        }
        Fields fields = new(line.Text);
        while (fields.Take(out ReadOnlySpan<char> field))
        {
            int column = line.ColumnOf(fields, field);
            if (!int.TryParse(field[3..], NumberStyles.None, CultureInfo.InvariantCulture, out int cpu) || cpu >= CpuMask.MaxCpus)
                throw new ReaderException(line.Number, column, "a CPU number that no kernel has", $"CPUs go from 0 to {CpuMask.MaxCpus - 1}");
            if (_cpus!.Count > 0 && cpu <= _cpus[^1])
                throw new ReaderException(line.Number, column, $"CPU{cpu} stands after CPU{_cpus[^1]}", "name each CPU once, in ascending order");
            _cpus.Add(cpu);
        }
    }

    private static long FirstCpu(ReadOnlySpan<char> line) =>
        Fields.TryCounter(new Fields(line).Peek()[3..], out long cpu) ? cpu : long.MaxValue;

    /// <summary>
    /// Length of a row's label with the blanks before it, 0 for a line that starts no row. A label is followed by a colon, a blank
    /// and a counter; arm64 prints "IPI0:%10u", so there a long counter touches the colon. 32-bit Arm's row FIQ names its handler and counts nothing.
    /// </summary>
    private static int LabelLength(ReadOnlySpan<char> line)
    {
        ReadOnlySpan<char> trimmed = line.TrimStart();
        int colon = trimmed.IndexOf(':');
        if (colon is < 1 or > MaxLabelLength || colon + 1 == trimmed.Length)
            return 0;
        ReadOnlySpan<char> label = trimmed[..colon];
        foreach (char character in label)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '/' or '-'))
                return 0;
        }
        bool isIpi = label.StartsWith("IPI") && Fields.IsNumber(label[3..]);
        if (!char.IsWhiteSpace(trimmed[colon + 1]) && !isIpi)
            return 0;
        return Fields.IsNumber(new Fields(trimmed[(colon + 1)..]).Peek()) || label is "FIQ" ? line.Length - trimmed.Length + colon : 0;
    }

    private readonly bool ContinuesRow(ReadOnlySpan<char> line)
    {
        if (_row.IsEmpty || line.IsEmpty || line[0] is '#' or '$' || _lastLineLength > WidestWrap)
            return false;
        return _lastLineLength + 1 + new Fields(line).Peek().Length > NarrowestWrap;
    }

    private void EndRow()
    {
        if (_row.IsEmpty)
            return;
        ReadOnlySpan<char> row = _wrapped is null ? _row : _wrapped.ToString();
        int colon = LabelLength(row);
        Fields fields = new(row[(colon + 1)..]);
        int most = _cpus?.Count ?? CpuMask.MaxCpus;
        int count = 0;
        bool isWrong = false;
        while (count < most && Fields.IsNumber(fields.Peek()))
        {
            fields.Take(out ReadOnlySpan<char> field);
            if (count == _counts.Length)
                Array.Resize(ref _counts, count * 2);
            if (!Fields.TryCounter(field, out _counts[count++]))
            {
                // In a row put together from several lines only its beginning has a place.
                int column = _wrapped is null ? _rowColumn + colon + 1 + fields.Taken - field.Length : _rowColumn;
                _problems.Add(new ReaderProblem(_rowLine, column, $"{row[..colon].Trim()}: a counter above 64 bits; the row is left out"));
                isWrong = true;
            }
        }
        if (count > 1 && count < most && _cpus is not null)
        {
            int column = _wrapped is null ? _rowColumn + colon + 1 + fields.Taken : _rowColumn;
            _problems.Add(new ReaderProblem(_rowLine, column, $"{row[..colon].Trim()}: {count} counters for {most} CPUs"));
        }
        ReaderLimits.CheckRows(_rows.Count + _problems.Count + 1, _rowLine);
        if (!isWrong)
            AddRow(row[..colon], _counts.AsSpan(0, count).ToArray(), fields.Rest);
        _row = default;
        _wrapped = null;
    }

    private void AddRow(ReadOnlySpan<char> label, long[] counts, ReadOnlySpan<char> tail)
    {
        _widest = Math.Max(_widest, counts.Length);
        ImmutableArray<long> counters = ImmutableCollectionsMarshal.AsImmutableArray(counts);
        _rows.Add(new CpuTableRow(label.TrimStart().ToString(), counters, tail.Trim().ToString(), _rowLine));
    }

    private void EndTable()
    {
        EndRow();
        if (_cpus is not null)
            _tables.Add(new CpuTable([.. _cpus], HasHeader: true, _rows, _problems));
        (_cpus, _rows, _problems, _looseLines, _widest) = (null, [], [], 0, 0);
    }

    /// <summary>Rows without a header are believed when they are most of the text and one of them names an interrupt's device.</summary>
    private readonly bool IsTableWithoutHeader() =>
        _cpus is null && _rows.Count >= _looseLines && _rows.Exists(row => Fields.IsNumber(row.Label) && row.Tail.Length > 0);
}
