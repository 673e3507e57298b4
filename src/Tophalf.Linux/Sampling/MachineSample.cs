namespace Tophalf.Linux.Sampling;

/// <summary>A file a machine keeps from us, and why.</summary>
public readonly record struct Unseen(string Path, string Why);

/// <summary>
/// Everything top shows that changes from moment to moment, read again and again into the same buffers. A part that cannot be read is null and named in
/// <see cref="Unseen"/>; the rest is read all the same.
/// </summary>
public sealed class MachineSample(ILinuxMachine machine)
{
    private readonly CounterTable _interrupts = new(ProcInterrupts.Path), _softirqs = new(ProcSoftirqs.Path);
    private readonly StatTable _stat = new();
    private readonly SoftnetTable _softnet = new();
    private readonly List<Unseen> _unseen = [];
    private long _atNs;
    private int _refreshes;

    public CounterTable? Interrupts { get; private set; }
    public CounterTable? Softirqs { get; private set; }
    public StatTable? Stat { get; private set; }
    public SoftnetTable? Softnet { get; private set; }

    /// <summary>Files that could not be read just now.</summary>
    public IReadOnlyList<Unseen> Unseen => _unseen;

    /// <summary>Machine's time between the last two readings; 0 before there are two, and on a machine whose time stands still.</summary>
    public double Seconds { get; private set; }

    /// <summary>Reads everything once more.</summary>
    public void Refresh()
    {
        const double NsPerS = 1e9;
        _unseen.Clear();
        long nowNs = machine.NowNs;
        Seconds = _refreshes++ > 0 ? (nowNs - _atNs) / NsPerS : 0;
        _atNs = nowNs;
        Interrupts = Read(_interrupts, ProcInterrupts.Path, static (table, machine) => table.Refresh(machine));
        Softirqs = Read(_softirqs, ProcSoftirqs.Path, static (table, machine) => table.Refresh(machine));
        Stat = Read(_stat, ProcStat.Path, static (table, machine) => table.Refresh(machine));
        Softnet = Read(_softnet, SoftnetStat.Path, static (table, machine) => table.Refresh(machine));
    }

    private T? Read<T>(T table, string path, Action<T, ILinuxMachine> refresh) where T : class
    {
        try
        {
            refresh(table, machine);
            return table;
        }
        catch (LinuxException exception)
        {
            _unseen.Add(new Unseen(path, exception.Errno.Text()));
        }
        catch (ReaderException exception)
        {
            _unseen.Add(new Unseen(path, exception.Problem));
        }
        return null;
    }
}
