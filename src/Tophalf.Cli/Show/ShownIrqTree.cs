using System.Text.Json;
using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>A listing of /proc/irq or /sys/kernel/irq: where each interrupt may go and where it goes.</summary>
internal sealed class ShownIrqTree : Shown
{
    private readonly int _files;
    private readonly IReadOnlyList<IrqSettings> _settings;
    private readonly IReadOnlyList<SysIrq> _sysIrqs;

    /// <summary>Throws <see cref="ReaderException"/> when a file in the listing is not what its name says, or there is neither of the two directories.</summary>
    public ShownIrqTree(SavedTree tree)
    {
        _files = tree.Files.Count;
        _settings = tree.IsDirectory(IrqDirectory.Path) ? [.. IrqDirectory.Read(tree).Irqs] : [];
        _sysIrqs = tree.IsDirectory(SysKernelIrq.Path) ? [.. SysKernelIrq.Read(tree)] : [];
        if (_settings.Count + _sysIrqs.Count == 0)
            throw new ReaderException(1, 1, "the listing has no interrupt", $"list the files below {IrqDirectory.Path} or {SysKernelIrq.Path}");
    }

    public override string Kind => "irq_tree";

    public override void Write(Page page, string name)
    {
        page.Line($"{name}: {Figures.Plural(_files, "file")} of {Figures.Plural(Irqs.Length, "interrupt")}", Look.Heading);
        page.Line();
        Grid columns = _settings.Count > 0
            ? ColumnText.Of(">irq", "handlers", "controller", "may go to", "goes to", "hint", ">node", ">count", ">unhandled")
            : ColumnText.Of(">irq", "handlers", "controller", ">number", "flow", ">interrupts", "wakes");
        foreach (int irq in Irqs)
        {
            IrqSettings? settings = _settings.FirstOrDefault(row => row.Irq == irq);
            SysIrq? sys = _sysIrqs.FirstOrDefault(row => row.Irq == irq);
            string handlers = string.Join(", ", sys?.Actions ?? settings?.Actions ?? []);
            if (_settings.Count == 0)
                columns.Add(Number(irq), handlers, sys?.Chip ?? "-", sys?.HardwareIrq ?? "-", sys?.Flow ?? "-", Figures.Count(sys?.PerCpu.Sum() ?? 0), sys?.IsWakeup == true ? "yes" : "");
            else
                columns.Add(Number(irq), handlers, sys?.Chip ?? "-", Mask(settings?.Affinity), Mask(settings?.EffectiveAffinity), Mask(settings?.AffinityHint),
                    settings?.Node is { } node ? Number(node) : "-", Optional(settings?.Spurious?.Count), Optional(settings?.Spurious?.Unhandled));
        }
        page.Write(columns);
        foreach (IrqSettings row in _settings.Where(row => row is { Affinity: { } wanted, EffectiveAffinity: { } effective } && !effective.IsSubsetOf(wanted)))
            page.Item("-", $"irq {row.Irq} goes to CPU {Mask(row.EffectiveAffinity)} outside of its mask {Mask(row.Affinity)}: the mask was set when the controller could not follow.");
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.Objects("rows", Irqs, irq =>
        {
            json.WriteNumber("irq", irq);
            if (_settings.FirstOrDefault(row => row.Irq == irq) is { } settings)
                WriteSettings(json, settings);
            if (_sysIrqs.FirstOrDefault(row => row.Irq == irq) is { } sys)
                WriteSys(json, sys);
        });
    }

    private int[] Irqs => [.. _settings.Select(row => row.Irq).Union(_sysIrqs.Select(row => row.Irq)).Order()];

    private static void WriteSettings(Utf8JsonWriter json, IrqSettings settings)
    {
        json.WriteString("affinity", settings.Affinity?.ToList());
        json.WriteString("effective_affinity", settings.EffectiveAffinity?.ToList());
        json.WriteString("affinity_hint", settings.AffinityHint?.ToList());
        if (settings.Node is { } node)
            json.WriteNumber("node", node);
        if (settings.Spurious is { } spurious)
        {
            json.WriteNumber("count", spurious.Count);
            json.WriteNumber("unhandled", spurious.Unhandled);
            json.WriteNumber("last_unhandled_ms", spurious.LastUnhandledMs);
        }
    }

    private static void WriteSys(Utf8JsonWriter json, SysIrq sys)
    {
        json.Strings("actions", sys.Actions);
        json.WriteString("chip", sys.Chip);
        json.WriteString("hwirq", sys.HardwareIrq);
        json.WriteString("flow", sys.Flow);
        json.WriteString("type", sys.Trigger);
        if (sys.IsWakeup is { } wakes)
            json.WriteBoolean("wakeup", wakes);
        json.Counts("per_cpu", sys.PerCpu);
    }

    private static string Mask(CpuMask? mask) => mask is { } cpus ? cpus.IsEmpty ? "none" : cpus.ToList() : "-";

    private static string Number(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Optional(long? count) => count is { } number ? Figures.Count(number) : "-";
}
