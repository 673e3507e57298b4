using System.Collections.Immutable;
using Tophalf.Linux;

namespace Tophalf.Advisor.Observations;

/// <summary>The files that count, read at one moment.</summary>
internal sealed class Moment
{
    private readonly ILinuxMachine _machine;
    private readonly Dictionary<Part, string> _missing = [];

    private Moment(ILinuxMachine machine)
    {
        _machine = machine;
        AtNs = machine.NowNs;
        Interrupts = See(Part.Interrupts, ProcInterrupts.Path, ProcInterrupts.Read);
        Stat = See(Part.Stat, ProcStat.Path, ProcStat.Read);
        Softnet = See(Part.Softnet, SoftnetStat.Path, SoftnetStat.Read);
        NetDev = See(Part.NetDev, ProcNetDev.Path, ProcNetDev.Read);
        Snmp = See(Part.Snmp, ProcNetSnmp.Path, ProcNetSnmp.Read);
        Irqs = See(Part.IrqDirectory, IrqDirectory.Path, IrqDirectory.Read);
        Tasks = See(Part.Tasks, "/proc/PID/stat", machine => ProcTask.ReadAll(machine) is { Length: > 0 } tasks ? tasks : throw new LinuxException(Errno.ENOENT, "/proc/PID/stat")) is { IsDefault: false } seen ? seen : [];
        if (_missing.TryGetValue(Part.Tasks, out string? why))
            _missing[Part.KernelThreads] = why;
        else if (!Tasks.Any(task => task.IsKernelThread))
            _missing[Part.KernelThreads] = "/proc/PID/stat: only processes of ours are to be seen (a container, or hidepid)";
        IdleStates = See(Part.IdleStates, $"{CpuTopology.Path}/cpu0/cpuidle", machine =>
            IdleState.ReadAll(machine, Interrupts?.Cpus ?? []) is { Length: > 0 } states ? states : throw new LinuxException(Errno.ENOENT, "")) is { IsDefault: false } idle ? idle : [];
    }

    public long AtNs { get; }
    public ProcInterrupts? Interrupts { get; }
    public ProcStat? Stat { get; }
    public SoftnetStat? Softnet { get; }
    public ProcNetDev? NetDev { get; }
    public ProcNetSnmp? Snmp { get; }
    public IrqDirectory? Irqs { get; }
    public ImmutableArray<ProcTask> Tasks { get; }
    public ImmutableArray<IdleState> IdleStates { get; }

    /// <summary>Parts not seen and why.</summary>
    public IReadOnlyDictionary<Part, string> Missing => _missing;

    public static Moment Take(ILinuxMachine machine) => new(machine);

    private T? See<T>(Part part, string path, Func<ILinuxMachine, T> read)
    {
        try
        {
            return read(_machine);
        }
        catch (LinuxException failed)
        {
            _missing[part] = $"{path}: {failed.Errno.Text()}";
        }
        catch (ReaderException failed)
        {
            _missing[part] = $"{path}:{failed.Message}";
        }
        return default;
    }
}
