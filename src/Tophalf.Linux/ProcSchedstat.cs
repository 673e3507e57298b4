using System.Collections.Immutable;
using System.Globalization;

namespace Tophalf.Linux;

/// <summary>One CPU's line of /proc/schedstat. Times in nanoseconds.</summary>
/// <param name="Schedules">Calls of schedule().</param>
/// <param name="ToIdle">Of those, calls that found nothing to run.</param>
/// <param name="Wakeups">Wake-ups by this CPU, <paramref name="LocalWakeups"/> of them of tasks that stayed on it.</param>
/// <param name="RunNs">Time tasks ran here.</param>
/// <param name="WaitNs">Time tasks waited here for their turn.</param>
/// <param name="Slices">Times a task got the CPU.</param>
public readonly record struct SchedstatCpu(int Cpu, long Schedules, long ToIdle, long Wakeups, long LocalWakeups, long RunNs, long WaitNs, long Slices);

/// <summary>/proc/schedstat (kernel/sched/stats.c, CONFIG_SCHEDSTATS). Lines of scheduling domains are passed over.</summary>
public sealed record ProcSchedstat(int Version, ImmutableArray<SchedstatCpu> Cpus)
{
    public const string Path = "/proc/schedstat";

    private const int Columns = 9;

    public static ProcSchedstat Read(ILinuxMachine machine) => Parse(machine.Read(Path));

    public static ProcSchedstat Parse(string text)
    {
        ReaderLimits.CheckText(text, Path);
        int version = 0;
        ImmutableArray<SchedstatCpu>.Builder cpus = ImmutableArray.CreateBuilder<SchedstatCpu>();
        foreach (TextLine line in new TextLines(text))
        {
            Fields fields = new(line.Text);
            if (!fields.Take(out ReadOnlySpan<char> name))
                continue;
            if (name is "version" && fields.Take(out ReadOnlySpan<char> number) && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out version))
                continue;
            if (!name.StartsWith("cpu") || !int.TryParse(name[3..], NumberStyles.None, CultureInfo.InvariantCulture, out int cpu) || cpu >= CpuMask.MaxCpus)
                continue;
            cpus.Add(Cpu(cpu, fields, line));
            ReaderLimits.CheckRows(cpus.Count, line.Number);
        }
        return version > 0 && cpus.Count > 0
            ? new ProcSchedstat(version, cpus.DrainToImmutable())
            : throw ReaderException.WrongFile(Path, 1, 1, "no line \"version 17\" or no line of a CPU");
    }

    private static SchedstatCpu Cpu(int cpu, Fields fields, TextLine line)
    {
        Span<long> values = stackalloc long[Columns];
        for (int column = 0; column < Columns; column++)
        {
            if (!fields.Take(out ReadOnlySpan<char> field) || !Fields.TryCounter(field, out values[column]))
                throw ReaderException.WrongFile(Path, line.Number, line.ColumnOf(fields, field), $"counter {column + 1} of {Columns} is missing or no number");
        }
        return new SchedstatCpu(cpu, values[2], values[3], values[4], values[5], values[6], values[7], values[8]);
    }
}
