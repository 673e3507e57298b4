using System.Collections.Immutable;
using System.Globalization;

namespace Tophalf.Linux;

/// <summary>/proc/irq: the settings of every interrupt that has or had a handler (kernel/irq/proc.c).</summary>
/// <param name="DefaultAffinity">Mask new interrupts start with; null where the machine does not show it.</param>
/// <param name="Irqs">Ascending by number.</param>
public sealed record IrqDirectory(CpuMask? DefaultAffinity, ImmutableArray<IrqSettings> Irqs)
{
    public const string Path = "/proc/irq";

    /// <summary>Files are read one after the other, so two interrupts may show two moments. An interrupt freed meanwhile is left out.</summary>
    public static IrqDirectory Read(ILinuxMachine machine)
    {
        ImmutableArray<IrqSettings>.Builder irqs = ImmutableArray.CreateBuilder<IrqSettings>();
        foreach (string name in machine.List(Path))
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int irq))
                continue;
            if (ReadIrq(machine, irq) is { } settings)
                irqs.Add(settings);
            ReaderLimits.CheckRows(irqs.Count, 1);
        }
        irqs.Sort((left, right) => left.Irq.CompareTo(right.Irq));
        return new IrqDirectory(Value(machine, $"{Path}/default_smp_affinity", HexMask), irqs.DrainToImmutable());
    }

    /// <summary>One interrupt, or null when the machine has no directory for it.</summary>
    public static IrqSettings? ReadIrq(ILinuxMachine machine, int irq)
    {
        string directory = string.Create(CultureInfo.InvariantCulture, $"{Path}/{irq}");
        IReadOnlyList<string> names;
        try
        {
            names = machine.List(directory);
        }
        catch (LinuxException exception) when (exception.Errno is Errno.ENOENT or Errno.ENOTDIR)
        {
            return null;
        }
        return new IrqSettings(
            irq,
            Value(machine, $"{directory}/smp_affinity", HexMask) ?? Value(machine, $"{directory}/smp_affinity_list", ListMask),
            Value(machine, $"{directory}/effective_affinity", HexMask) ?? Value(machine, $"{directory}/effective_affinity_list", ListMask),
            Value(machine, $"{directory}/affinity_hint", HexMask),
            Value(machine, $"{directory}/node", Node),
            Value(machine, $"{directory}/spurious", SpuriousCounts.Parse),
            [.. names.Where(IsAction)]);
    }

    /// <summary>The interrupt's settings, or null.</summary>
    public IrqSettings? this[int irq] => Irqs.FirstOrDefault(settings => settings.Irq == irq);

    /// <summary>A mask as smp_affinity prints it, without knowing how many CPUs the machine has.</summary>
    public static CpuMask HexMask(string text) =>
        CpuMask.ParseHex(text, CpuMask.MaxCpus, out CpuMask mask) == Errno.None
            ? mask
            : throw new ReaderException(1, 1, "not a mask of CPUs", "write hexadecimal digits in groups of at most eight, such as ff,00000001");

    /// <summary>A mask as smp_affinity_list and the files of /sys/devices/system/cpu print it.</summary>
    public static CpuMask ListMask(string text) =>
        CpuMask.ParseList(text, CpuMask.MaxCpus, out CpuMask mask) == Errno.None
            ? mask
            : throw new ReaderException(1, 1, "not a list of CPUs", "write numbers and ranges parted by commas, such as 0-3,8");

    private static int Node(string text) =>
        int.TryParse(text.AsSpan().Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int node)
            ? node
            : throw new ReaderException(1, 1, "not a number of a NUMA node", "write a number, -1 for none");

    private static T? Value<T>(ILinuxMachine machine, string path, Func<string, T> parse) where T : struct =>
        OptionalFile.Read(machine, path) is { } text ? parse(text) : null;

    /// <summary>The kernel's own files have fixed names; any other entry is the directory of a handler.</summary>
    private static bool IsAction(string name) =>
        name is not ("smp_affinity" or "smp_affinity_list" or "effective_affinity" or "effective_affinity_list"
            or "affinity_hint" or "node" or "spurious");
}
