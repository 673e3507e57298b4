using System.Collections.Immutable;
using System.Globalization;

namespace Tophalf.Linux;

/// <summary>Time one CPU has spent, in clock ticks of USER_HZ (100 a second on x86). Columns an old kernel lacks are 0.</summary>
/// <param name="Cpu">CPU number; null in the first line, which is the sum over all CPUs.</param>
/// <param name="Idle">Idle, without the time in <paramref name="Iowait"/>.</param>
/// <param name="Irq">In hard interrupt handlers.</param>
/// <param name="Guest">Running a guest; already counted in <paramref name="User"/>.</param>
/// <param name="GuestNice">Running a niced guest; already counted in <paramref name="Nice"/>.</param>
public sealed record CpuTimes(
    int? Cpu, long User, long Nice, long System, long Idle, long Iowait, long Irq, long Softirq, long Steal, long Guest, long GuestNice)
{
    /// <summary>All of the CPU's time. Guest time is part of user time and so not added again.</summary>
    public long Total => User + Nice + System + Idle + Iowait + Irq + Softirq + Steal;
}

/// <summary>/proc/stat: time by class and events since boot (fs/proc/stat.c).</summary>
/// <param name="All">The line "cpu": the sum over all CPUs.</param>
/// <param name="Cpus">The lines "cpuN", one per online CPU.</param>
/// <param name="Interrupts">All interrupts, those of the architecture's vectors included.</param>
/// <param name="InterruptsByIrq">One number per Linux interrupt number from 0; 0 for unused numbers. Empty when the dump was cut.</param>
/// <param name="ContextSwitches">null where the dump lacks the line; likewise below.</param>
/// <param name="BootTimeS">Seconds since the epoch at boot.</param>
/// <param name="Processes">Forks since boot.</param>
/// <param name="Softirqs">All softirqs; null before 2.6.31.</param>
/// <param name="SoftirqsByVector">One number per softirq vector, in the order of <see cref="SoftirqName.InVectorOrder"/>.</param>
public sealed record ProcStat(
    CpuTimes All,
    ImmutableArray<CpuTimes> Cpus,
    long? Interrupts,
    ImmutableArray<long> InterruptsByIrq,
    long? ContextSwitches,
    long? BootTimeS,
    long? Processes,
    long? ProcessesRunning,
    long? ProcessesBlocked,
    long? Softirqs,
    ImmutableArray<long> SoftirqsByVector)
{
    public const string Path = "/proc/stat";

    /// <summary>User, nice, system and idle were there from the start; 2.6, 2.6.11, 2.6.24 and 2.6.33 added the others.</summary>
    private const int FewestTimes = 4;
    private const int MostTimes = 10;

    public static ProcStat Read(ILinuxMachine machine) => Parse(machine.Read(Path));

    /// <summary>
    /// Throws <see cref="ReaderException"/> when the text has no line "cpu" or a line's numbers are wrong. Unknown lines are passed over.
    /// </summary>
    public static ProcStat Parse(string text)
    {
        ReaderLimits.CheckText(text, Path);
        CpuTimes? all = null;
        List<CpuTimes> cpus = [];
        ImmutableArray<long> interrupts = [], softirqs = [];
        Dictionary<string, long> singles = [];
        foreach (TextLine line in new TextLines(text))
        {
            Fields fields = new(line.Text);
            if (!fields.Take(out ReadOnlySpan<char> name))
                continue;
            if (name is "cpu")
            {
                all = Times(null, fields, line);
            }
            else if (name.StartsWith("cpu") && Fields.IsNumber(name[3..]))
            {
                cpus.Add(Times(CpuNumber(name[3..], line), fields, line));
                ReaderLimits.CheckRows(cpus.Count, line.Number);
            }
            else if (name is "intr")
            {
                interrupts = Numbers(fields, line);
            }
            else if (name is "softirq")
            {
                softirqs = Numbers(fields, line);
            }
            else if (name is "ctxt" or "btime" or "processes" or "procs_running" or "procs_blocked")
            {
                singles[name.ToString()] = Numbers(fields, line)[0];
            }
        }
        if (all is null)
            throw ReaderException.WrongFile(Path, 1, 1, "no line that begins with \"cpu\"");
        return new ProcStat(
            all, [.. cpus],
            First(interrupts), Rest(interrupts),
            Single("ctxt"), Single("btime"), Single("processes"), Single("procs_running"), Single("procs_blocked"),
            First(softirqs), Rest(softirqs));

        long? Single(string name) => singles.TryGetValue(name, out long value) ? value : null;
    }

    /// <summary>
    /// Time and events since <paramref name="earlier"/>, or null where that is no earlier reading of the same machine. Idle time may go back a little
    /// (fs/proc/stat.c, get_idle_time), which counts as none. What is no counter stays that of now.
    /// </summary>
    public ProcStat? Since(ProcStat earlier)
    {
        if (BootTimeS != earlier.BootTimeS || Cpus.Length != earlier.Cpus.Length || All.Total < earlier.All.Total)
            return null;
        if (!Cpus.Select(cpu => cpu.Cpu).SequenceEqual(earlier.Cpus.Select(cpu => cpu.Cpu)))
            return null;
        return this with
        {
            All = Since(earlier.All, All),
            Cpus = [.. earlier.Cpus.Zip(Cpus, Since)],
            Interrupts = Interrupts - earlier.Interrupts,
            InterruptsByIrq = Counters.Since(earlier.InterruptsByIrq, InterruptsByIrq) ?? [],
            ContextSwitches = ContextSwitches - earlier.ContextSwitches,
            Processes = Processes - earlier.Processes,
            Softirqs = Softirqs - earlier.Softirqs,
            SoftirqsByVector = Counters.Since(earlier.SoftirqsByVector, SoftirqsByVector) ?? [],
        };
    }

    private static CpuTimes Since(CpuTimes a, CpuTimes b) => new(
        b.Cpu, Less(a.User, b.User), Less(a.Nice, b.Nice), Less(a.System, b.System), Less(a.Idle, b.Idle), Less(a.Iowait, b.Iowait), Less(a.Irq, b.Irq),
        Less(a.Softirq, b.Softirq), Less(a.Steal, b.Steal), Less(a.Guest, b.Guest), Less(a.GuestNice, b.GuestNice));

    private static long Less(long before, long after) => Math.Max(0, unchecked(after - before));

    private static long? First(ImmutableArray<long> numbers) => numbers.IsEmpty ? null : numbers[0];

    private static ImmutableArray<long> Rest(ImmutableArray<long> numbers) => numbers.IsEmpty ? [] : numbers[1..];

    private static CpuTimes Times(int? cpu, Fields fields, TextLine line)
    {
        ImmutableArray<long> times = Numbers(fields, line);
        if (times.Length < FewestTimes)
        {
            string problem = $"{times.Length} times where the kernel prints {FewestTimes} to {MostTimes}";
            throw ReaderException.WrongFile(Path, line.Number, line.FirstColumn, problem);
        }
        return new CpuTimes(cpu, At(0), At(1), At(2), At(3), At(4), At(5), At(6), At(7), At(8), At(9));

        long At(int index) => index < times.Length ? times[index] : 0;
    }

    private static int CpuNumber(ReadOnlySpan<char> digits, TextLine line)
    {
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int cpu) || cpu >= CpuMask.MaxCpus)
            throw new ReaderException(line.Number, line.FirstColumn, "a CPU number that no kernel has", $"CPUs go from 0 to {CpuMask.MaxCpus - 1}");
        return cpu;
    }

    /// <summary>At least one number, and nothing else, to the end of the line.</summary>
    private static ImmutableArray<long> Numbers(Fields fields, TextLine line)
    {
        ImmutableArray<long>.Builder numbers = ImmutableArray.CreateBuilder<long>();
        while (fields.Take(out ReadOnlySpan<char> field))
        {
            if (!Fields.TryCounter(field, out long number))
                throw ReaderException.WrongFile(Path, line.Number, line.ColumnOf(fields, field), "not a counter");
            numbers.Add(number);
        }
        if (numbers.Count == 0)
            throw ReaderException.WrongFile(Path, line.Number, line.FirstColumn, "a name without a number");
        return numbers.DrainToImmutable();
    }
}
