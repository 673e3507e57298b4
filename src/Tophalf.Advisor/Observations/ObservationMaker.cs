using Tophalf.Linux;

namespace Tophalf.Advisor.Observations;

/// <summary>Makes an observation of two moments, or of one.</summary>
internal static class ObservationMaker
{
    private const int MostLogLines = 20_000;
    private const int UserHz = 100;

    private static readonly string[] s_settings =
    [
        "/proc/sys/kernel/nmi_watchdog", "/proc/sys/kernel/watchdog_thresh", "/proc/sys/net/core/netdev_budget", "/proc/sys/net/core/netdev_budget_usecs",
        "/proc/sys/net/core/netdev_max_backlog", "/sys/module/kvm_intel/parameters/enable_apicv", "/sys/module/kvm_amd/parameters/avic",
    ];

    public static Observation Make(ILinuxMachine machine, Moment? before, Moment after, IReadOnlyList<TrafficSample> samples)
    {
        Dictionary<Part, string> missing = new(after.Missing);
        double? seconds = before is null || after.AtNs <= before.AtNs ? null : (after.AtNs - before.AtNs) / 1e9;
        if (seconds is null)
        {
            before = null;
            missing[Part.Rates] = "there is only one moment: counters are sums since boot";
        }
        CpuTopology? topology = Seen(Part.Topology, CpuTopology.Path, missing, () => CpuTopology.Read(machine));
        int[] cpus = [.. Cpus(after, topology)];
        var managed = ManagedLines(machine, missing);
        ObservedLine[] lines = [.. after.Interrupts?.Numbered.DistinctBy(row => row.Irq).Select(row => Line(row, before, after, cpus, managed)) ?? []];
        return new Observation
        {
            Seconds = seconds,
            Cpus = cpus,
            Lines = lines,
            Rows = [.. after.Interrupts?.Named.Select(row => Row(row, before, after, cpus)) ?? []],
            CpuTimes = after.Stat is null ? [] : [.. cpus.Select(cpu => Cpu(cpu, before, after))],
            Interfaces = InterfaceReader.Read(machine, before, after, lines, missing),
            Tasks = [.. after.Tasks.Select(task => Task(task, before, seconds))],
            IdleStates = [.. after.IdleStates.Select(state => Idle(state, before))],
            Topology = topology,
            Nodes = Try(() => NumaNodes.Read(machine)) is { IsDefault: false } nodes ? [.. nodes] : [],
            CommandLine = Seen(Part.CommandLine, KernelCommandLine.Path, missing, () => KernelCommandLine.Read(machine)),
            Log = Log(machine, missing),
            SocketDrops = (after.Snmp?["Udp", "RcvbufErrors"] ?? 0) - (before?.Snmp?["Udp", "RcvbufErrors"] ?? 0),
            Settings = Settings(machine),
            Samples = samples,
            Isolated = Isolated(machine, missing),
            Missing = missing,
        };
    }

    private static IEnumerable<int> Cpus(Moment after, CpuTopology? topology) =>
        after.Interrupts?.Cpus ?? after.Stat?.Cpus.Select(times => times.Cpu!.Value) ?? (IEnumerable<int>?)topology?.Online ?? [];

    private static ObservedLine Line(InterruptRow row, Moment? before, Moment after, int[] cpus, HashSet<int>? managed)
    {
        int irq = row.Irq!.Value;
        IrqSettings? now = after.Irqs?[irq], then = before?.Irqs?[irq];
        return new ObservedLine(irq, row.Actions, row.Chip ?? "", Difference(row, before?.Interrupts, after.Interrupts!, cpus), row.Total)
        {
            Affinity = now?.Affinity,
            AffinityBefore = then?.Affinity,
            Effective = now?.EffectiveAffinity,
            Hint = now?.AffinityHint,
            Node = now?.Node,
            Spurious = now?.Spurious,
            UnhandledBefore = then?.Spurious?.Unhandled,
            IsManaged = managed?.Contains(irq),
            Queue = row.Actions.Select(QueueName.Parse).OfType<QueueName>().FirstOrDefault(),
        };
    }

    /// <summary>Counts per CPU since the first moment. The counters are 32 bits wide and wrap; a CPU that was offline then counts from 0.</summary>
    private static long[] Difference(InterruptRow row, ProcInterrupts? before, ProcInterrupts after, int[] cpus)
    {
        InterruptRow? then = row.Irq is { } irq ? before?[irq] : before?[row.Label];
        return [.. cpus.Select(cpu => before is null ? after.CountOn(row, cpu) : unchecked((uint)(after.CountOn(row, cpu) - (then is null ? 0 : before.CountOn(then, cpu)))))];
    }

    private static ObservedRow Row(InterruptRow row, Moment? before, Moment after, int[] cpus)
    {
        if (row.Counts.Length == after.Interrupts!.Cpus.Length && row.Counts.Length > 1)
            return new ObservedRow(row.Label, Difference(row, before?.Interrupts, after.Interrupts, cpus));
        long then = before?.Interrupts?[row.Label]?.Total ?? 0;
        return new ObservedRow(row.Label, [before is null ? row.Total : Math.Max(0, row.Total - then)]);
    }

    private static ObservedCpu Cpu(int cpu, Moment? before, Moment after)
    {
        CpuTimes? now = after.Stat!.Cpus.FirstOrDefault(times => times.Cpu == cpu), then = before?.Stat?.Cpus.FirstOrDefault(times => times.Cpu == cpu);
        double total = (now?.Total ?? 0) - (then?.Total ?? 0);
        double Percent(Func<CpuTimes, long> part) => total <= 0 || now is null ? 0 : Math.Clamp(100.0 * (part(now) - (then is null ? 0 : part(then))) / total, 0, 100);
        SoftnetCpu? softnet = Softnet(after, cpu), softnetThen = before is null ? null : Softnet(before, cpu);
        return new ObservedCpu(
            cpu, Percent(times => times.User + times.Nice), Percent(times => times.System), Percent(times => times.Irq), Percent(times => times.Softirq),
            Percent(times => times.Iowait), Percent(times => times.Steal), total <= 0 ? 100 : Percent(times => times.Idle))
        {
            SoftnetProcessed = Since(softnet?.Processed, softnetThen?.Processed),
            BacklogDropped = Since(softnet?.Dropped, softnetThen?.Dropped),
            TimeSqueeze = Since(softnet?.TimeSqueeze, softnetThen?.TimeSqueeze),
        };
    }

    private static long Since(uint? now, uint? then) => now is { } count ? unchecked(count - (then ?? 0)) : 0;

    /// <summary>Rows are those of the online CPUs in order where the column with the CPU's number is missing (before 5.10).</summary>
    private static SoftnetCpu? Softnet(Moment moment, int cpu) =>
        moment.Softnet?.Cpus.FirstOrDefault(row => (row.Cpu ?? row.Row) == cpu);

    private static ObservedTask Task(ProcTask task, Moment? before, double? seconds)
    {
        ProcTask? then = before?.Tasks.FirstOrDefault(other => other.Tid == task.Tid && other.Name == task.Name);
        double? busy = then is null || seconds is not { } length ? null : Math.Clamp(100.0 * (task.Ticks - then.Ticks) / UserHz / length, 0, 100);
        return new ObservedTask(
            task.Pid, task.Tid, task.Name, task.IsKernelThread, task.Cpu, task.Policy, task.RealtimePriority, busy, task.State == 'R' && then?.State == 'R');
    }

    private static IdleState Idle(IdleState state, Moment? before)
    {
        IdleState? then = before?.IdleStates.FirstOrDefault(other => other.Cpu == state.Cpu && other.Index == state.Index);
        return then is null ? state : state with { Usage = state.Usage - then.Usage, TimeUs = state.TimeUs - then.TimeUs };
    }

    /// <summary>Lines whose mask has no write permission: the kernel takes it away where it would answer EPERM (kernel/irq/proc.c register_irq_proc).</summary>
    private static HashSet<int>? ManagedLines(ILinuxMachine machine, Dictionary<Part, string> missing)
    {
        const string Command = "ls -l /proc/irq/*/smp_affinity";
        if (MachineCommand.Output(machine, Command, out string problem) is not { } text || !text.StartsWith('-'))
        {
            missing[Part.MaskModes] = problem.Length > 0 ? problem : $"{Command}: no listing";
            return null;
        }
        HashSet<int> managed = [];
        foreach (string line in text.Split('\n'))
        {
            string[] parts = line.Split('/');
            if (line.StartsWith("-r--", StringComparison.Ordinal) && parts.Length > 2 && int.TryParse(parts[^2], out int irq))
                managed.Add(irq);
        }
        return managed;
    }

    private static string[] Log(ILinuxMachine machine, Dictionary<Part, string> missing)
    {
        if (MachineCommand.Output(machine, "dmesg", out string problem) is { } text)
            return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(MostLogLines)];
        missing[Part.Log] = problem;
        return [];
    }

    private static Dictionary<string, string> Settings(ILinuxMachine machine)
    {
        Dictionary<string, string> settings = [];
        foreach (string path in s_settings)
        {
            if (Try(() => machine.Read(path)) is { } text)
                settings[path] = text.Trim();
        }
        return settings;
    }

    /// <summary>As the kernel shows it, which counts partitions made since boot too; else as the command line asked.</summary>
    private static CpuMask Isolated(ILinuxMachine machine, Dictionary<Part, string> missing)
    {
        CpuMask mask = default;
        foreach ((string file, string parameter) in (ReadOnlySpan<(string, string)>)[("isolated", "isolcpus"), ("nohz_full", "nohz_full")])
        {
            string? text = Try(() => machine.Read($"{CpuTopology.Path}/{file}"))
                ?? WithoutFlags(Seen(Part.CommandLine, KernelCommandLine.Path, missing, () => KernelCommandLine.Read(machine))?[parameter]);
            // "(null)" is what a kernel without nohz_full= prints.
            if (text is not null && CpuMask.ParseList(text, CpuMask.MaxCpus, out CpuMask found) == Errno.None)
                mask = mask.Or(found);
        }
        return mask;
    }

    /// <summary>isolcpus=managed_irq,domain,2-3: the list stands behind the flags (kernel/sched/isolation.c).</summary>
    private static string? WithoutFlags(string? value) =>
        value is null ? null : string.Join(',', value.Split(',').SkipWhile(word => word.Length > 0 && char.IsAsciiLetter(word[0])));

    private static T? Try<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception failed) when (failed is LinuxException or ReaderException)
        {
            return default;
        }
    }

    private static T? Seen<T>(Part part, string path, Dictionary<Part, string> missing, Func<T> read) where T : class
    {
        try
        {
            return read();
        }
        catch (LinuxException failed)
        {
            missing[part] = $"{path}: {failed.Errno.Text()}";
        }
        catch (ReaderException failed)
        {
            missing[part] = $"{path}:{failed.Message}";
        }
        return null;
    }
}
