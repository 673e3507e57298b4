using System.Globalization;
using Tophalf.Linux;
using Tophalf.Linux.Sampling;

namespace Tophalf.Cli.Top;

/// <summary>
/// A machine watched: readings one after the other, and the list of its interrupts in the order asked for. On a machine whose time stands still (one
/// saved file) all counts are since boot.
/// </summary>
internal sealed class TopView(ILinuxMachine machine) : IDisposable
{
    private const long StepNs = 50_000_000;

    private readonly IrqPlaces _places = new(machine);
    private int _layout = -1;
    private Unseen[] _settings = [];
    private (int? Irq, string Chip, string Name, string Handler)[] _rows = [];

    public MachineSample Sample { get; } = new(machine);

    /// <summary>What the machine keeps from us: files of counters, and the settings of interrupts.</summary>
    public IEnumerable<Unseen> Unseen => Sample.Unseen.Concat(_settings);

    /// <summary>How long handlers ran; null when nobody asked.</summary>
    public HandlerTrace? Trace { get; private set; }

    public bool IsRate => Sample.Seconds > 0;

    /// <summary>Lets time pass and reads again. The first call reads twice, so that there is something to compare.</summary>
    /// <param name="durationNs">The machine's time between the readings.</param>
    /// <param name="stop">Ends that time early.</param>
    public void Advance(long durationNs, CancellationToken stop = default)
    {
        long beforeNs = machine.NowNs;
        if (_layout < 0)
            Sample.Refresh();
        // In short steps, so that who wants it to end need not wait.
        for (long leftNs = durationNs; leftNs > 0 && !stop.IsCancellationRequested; leftNs -= StepNs)
            machine.Sleep(Math.Min(leftNs, StepNs));
        // After its second moment a capture's time stands still, and what came between the two stays to be seen.
        if (IsRate && machine.NowNs == beforeNs)
            return;
        Sample.Refresh();
        Trace?.Refresh();
        if (Sample.Interrupts is { } table && table.Layout != _layout)
            ReadNames(table);
    }

    /// <summary>Begins to trace handlers, or ends it and leaves the kernel as it was.</summary>
    public void ToggleTrace()
    {
        if (Trace is null)
        {
            Trace = new HandlerTrace(machine);
            Trace.Begin();
        }
        else
        {
            Trace.Dispose();
            Trace = null;
        }
    }

    public void Dispose() => Trace?.Dispose();

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

    /// <summary>Events in the time shown by CPU, of a row of the list.</summary>
    public ReadOnlySpan<long> PerCpu(CounterTable table, TopRow row)
    {
        if (row.Lines is not { } lines)
            return PerCpu(table, row.Row);
        long[] sums = new long[table.Cpus.Length];
        foreach (TopRow line in lines)
        {
            ReadOnlySpan<long> counts = PerCpu(table, line.Row);
            for (int cpu = 0; cpu < sums.Length; cpu++)
                sums[cpu] = unchecked(sums[cpu] + counts[cpu]);
        }
        return sums;
    }

    /// <summary>Rows that came, the first <paramref name="most"/> in the order asked for.</summary>
    /// <param name="byDevice">Whether the lines of a device make one row.</param>
    public List<TopRow> Rows(TopOrder order, int most, bool withSilent, bool byDevice = false)
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
        if (byDevice)
            rows = [.. rows.Select(WithPlace).GroupBy(row => row.Place?.Device ?? row.Label).Select(Group)];
        IEnumerable<TopRow> sorted = order switch
        {
            TopOrder.Count => rows.OrderByDescending(row => row.Count).ThenBy(row => row.Row),
            TopOrder.Number => rows,
            _ => rows.Select(WithPlace).OrderBy(row => row.Place?.Device ?? "~", StringComparer.Ordinal).ThenByDescending(row => row.Count),
        };
        return [.. sorted.Take(most).Select(WithPlace)];
    }

    /// <summary>One row for the lines of a device; a line alone stays itself. What they do not share is left out.</summary>
    private static TopRow Group(IEnumerable<TopRow> lines)
    {
        TopRow[] rows = [.. lines];
        TopRow first = rows[0];
        if (rows.Length == 1)
            return first;
        IrqPlace place = first.Place! with { Queue = null, Affinity = null, Effective = null, Hint = null, IsManaged = null, Thread = null };
        if (rows.Any(row => row.Place!.Node != place.Node))
            place = place with { Node = null };
        return first with { Irq = null, Label = $"{rows.Length}", Chip = "", Name = $"{rows.Length} lines: {string.Join(", ", rows.Select(row => row.Label))}", Count = rows.Sum(row => row.Count), Place = place, Lines = rows };
    }

    /// <summary>Handler times of an interrupt; null where none was traced.</summary>
    public HandlerTime? TimeOf(TopRow row) => row.Irq is { } irq ? Trace?.OfIrq(irq) : null;

    private TopRow WithPlace(TopRow row) => row.Irq is { } irq && row.Place is null ? row with { Place = _places.Of(irq, _rows[row.Row].Handler) } : row;

    /// <summary>Masks stand in /proc/irq; devices and drivers of messages on the PCI bus; threads of lines among those of the kernel.</summary>
    private Unseen[] Settings()
    {
        List<Unseen> unseen = [];
        if (Hidden(IrqDirectory.Path) is { } masks)
            unseen.Add(masks);
        if (_rows.Any(row => row.Chip.Contains("PCI-MSI", StringComparison.Ordinal)) && Hidden(PciDevices.Path) is { } devices)
            unseen.Add(devices);
        if (Hidden("/proc") is null && KernelThreads.Read(machine).IsEmpty)
            unseen.Add(new Unseen("/proc/PID of kernel threads", "only processes of ours are to be seen"));
        return [.. unseen];
    }

    private Unseen? Hidden(string directory)
    {
        try
        {
            return machine.List(directory).Count > 0 ? null : new Unseen(directory, "nothing is in it");
        }
        catch (LinuxException exception)
        {
            return new Unseen(directory, exception.Errno.Text());
        }
    }

    /// <summary>Names change only with the layout, so they are taken apart once.</summary>
    private void ReadNames(CounterTable table)
    {
        _layout = table.Layout;
        _rows = new (int?, string, string, string)[table.Rows];
        for (int row = 0; row < table.Rows; row++)
        {
            bool isNumber = int.TryParse(table.Labels[row], NumberStyles.None, CultureInfo.InvariantCulture, out int irq);
            InterruptRow? parsed = isNumber ? InterruptRow.OfTail(table.Labels[row], irq, table.Tails[row]) : null;
            string[] actions = parsed is null ? [] : [.. parsed.Actions];
            string chip = parsed is null ? "" : string.Join(' ', new[] { parsed.Chip, parsed.HardwareIrq, parsed.Flow ?? parsed.Trigger }.OfType<string>());
            _rows[row] = (isNumber ? irq : null, chip, isNumber ? string.Join(", ", actions) : table.Tails[row], actions.FirstOrDefault() ?? "");
        }
        _settings = Settings();
    }
}
