using System.Globalization;
using Tophalf.Linux;
using Tophalf.Linux.Sampling;

namespace Tophalf.Cli.Top;

/// <summary>
/// A machine watched: readings one after the other, and the list of its interrupts in the order asked for. On a machine whose time stands still (one
/// saved file) all counts are since boot.
/// </summary>
internal sealed class TopView(ILinuxMachine machine, HandlerTrace? trace = null)
{
    private const long StepNs = 50_000_000;

    private readonly IrqPlaces _places = new(machine);
    private int _layout = -1;
    private Unseen? _settings;
    private (int? Irq, string Chip, string Name, string Handler)[] _rows = [];

    public MachineSample Sample { get; } = new(machine);

    /// <summary>What the machine keeps from us: files of counters, and the settings of interrupts.</summary>
    public IEnumerable<Unseen> Unseen => _settings is { } settings ? Sample.Unseen.Append(settings) : Sample.Unseen;

    /// <summary>How long handlers ran; null when nobody asked.</summary>
    public HandlerTrace? Trace => trace;

    public bool IsRate => Sample.Seconds > 0;

    /// <summary>Lets time pass and reads again. The first call reads twice, so that there is something to compare.</summary>
    /// <param name="durationNs">The machine's time between the readings.</param>
    /// <param name="stop">Ends that time early.</param>
    public void Advance(long durationNs, CancellationToken stop = default)
    {
        if (_layout < 0)
        {
            trace?.Begin();
            Sample.Refresh();
        }
        // In short steps, so that who wants it to end need not wait.
        for (long leftNs = durationNs; leftNs > 0 && !stop.IsCancellationRequested; leftNs -= StepNs)
            machine.Sleep(Math.Min(leftNs, StepNs));
        Sample.Refresh();
        trace?.Refresh();
        if (Sample.Interrupts is { } table && table.Layout != _layout)
            ReadNames(table);
    }

    /// <summary>Events in the time shown, for a row of either table.</summary>
    public long Count(CounterTable table, int row)
    {
        if (IsRate)
            return table.RowDeltas[row];
        long sum = 0;
        foreach (long count in PerCpu(table, row))
            sum = unchecked(sum + count);
        return sum;
    }

    public ReadOnlySpan<long> PerCpu(CounterTable table, int row) => (IsRate ? table.Deltas : table.Counts).AsSpan(row * table.Cpus.Length, table.Cpus.Length);

    /// <summary>Rows that came, the first <paramref name="most"/> in the order asked for.</summary>
    public List<TopRow> Rows(TopOrder order, int most, bool withSilent)
    {
        List<TopRow> rows = [];
        if (Sample.Interrupts is not { } table)
            return rows;
        for (int row = 0; row < table.Rows; row++)
        {
            long count = Count(table, row);
            if (count > 0 || withSilent)
                rows.Add(new TopRow(row, _rows[row].Irq, table.Labels[row], _rows[row].Chip, _rows[row].Name, count, null));
        }
        IEnumerable<TopRow> sorted = order switch
        {
            TopOrder.Count => rows.OrderByDescending(row => row.Count).ThenBy(row => row.Row),
            TopOrder.Number => rows,
            _ => rows.Select(WithPlace).OrderBy(row => row.Place?.Device ?? "~", StringComparer.Ordinal).ThenByDescending(row => row.Count),
        };
        return [.. sorted.Take(most).Select(WithPlace)];
    }

    /// <summary>Handler times of an interrupt; null where none was traced.</summary>
    public HandlerTime? TimeOf(TopRow row) => row.Irq is { } irq ? trace?.OfIrq(irq) : null;

    private TopRow WithPlace(TopRow row) => row.Irq is { } irq && row.Place is null ? row with { Place = _places.Of(irq, _rows[row.Row].Handler) } : row;

    private Unseen? Settings()
    {
        try
        {
            return machine.List(IrqDirectory.Path).Count > 0 ? null : new Unseen(IrqDirectory.Path, "nothing is in it");
        }
        catch (LinuxException exception)
        {
            return new Unseen(IrqDirectory.Path, exception.Errno.Text());
        }
    }

    /// <summary>Names change only with the layout, so they are taken apart once.</summary>
    private void ReadNames(CounterTable table)
    {
        _layout = table.Layout;
        _settings = Settings();
        _rows = new (int?, string, string, string)[table.Rows];
        for (int row = 0; row < table.Rows; row++)
        {
            bool isNumber = int.TryParse(table.Labels[row], NumberStyles.None, CultureInfo.InvariantCulture, out int irq);
            InterruptRow? parsed = isNumber ? InterruptRow.OfTail(table.Labels[row], irq, table.Tails[row]) : null;
            string[] actions = parsed is null ? [] : [.. parsed.Actions];
            string chip = parsed is null ? "" : string.Join(' ', new[] { parsed.Chip, parsed.HardwareIrq, parsed.Flow ?? parsed.Trigger }.OfType<string>());
            _rows[row] = (isNumber ? irq : null, chip, isNumber ? string.Join(", ", actions) : table.Tails[row], actions.FirstOrDefault() ?? "");
        }
    }
}
