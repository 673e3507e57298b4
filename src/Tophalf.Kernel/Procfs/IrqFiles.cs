using Tophalf.Kernel.Irq;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Procfs;

/// <summary>The files of /proc/irq (kernel/irq/proc.c) and of /sys/kernel/irq (kernel/irq/irqdesc.c).</summary>
internal sealed class IrqFiles(Kernel kernel)
{
    public static readonly string[] LineFiles =
        ["affinity_hint", "effective_affinity", "effective_affinity_list", "node", "smp_affinity", "smp_affinity_list", "spurious"];

    public static readonly string[] SysFiles = ["actions", "chip_name", "hwirq", "name", "per_cpu_count", "type", "wakeup"];

    private readonly KernelProfile _profile = new(kernel.Options.Release);

    public string DefaultAffinity() => kernel.Irqs.DefaultAffinity.ToHex(kernel.CpuCount) + "\n";

    public Errno WriteDefaultAffinity(string text)
    {
        Errno error = CpuMask.ParseHex(text, kernel.CpuCount, out CpuMask mask);
        return error != Errno.None ? error : kernel.Irqs.SetDefaultAffinity(mask);
    }

    public string Read(IrqDesc desc, string file) => file switch
    {
        "affinity_hint" => desc.AffinityHint.ToHex(kernel.CpuCount) + "\n",
        "effective_affinity" => desc.Effective.ToHex(kernel.CpuCount) + "\n",
        "effective_affinity_list" => desc.Effective.ToList() + "\n",
        "node" => desc.Node + "\n",
        "smp_affinity" => desc.Affinity.ToHex(kernel.CpuCount) + "\n",
        "smp_affinity_list" => desc.Affinity.ToList() + "\n",
        // last_unhandled is a moment (jiffies in ms), not an age.
        "spurious" => $"count {desc.IrqCount}\nunhandled {desc.Unhandled}\nlast_unhandled {(uint)(desc.LastUnhandledJiffies * 1000 / kernel.Hz)} ms\n",
        _ => throw new ArgumentOutOfRangeException(nameof(file), file, "not a file of /proc/irq/N"),
    };

    /// <summary>A file of /proc/irq/N with its operations. Who may not move the line still finds smp_affinity with a write operation, which refuses.</summary>
    public File LineFile(IrqDesc desc, string file) => file switch
    {
        "smp_affinity" => Affinity(desc, file, CpuMask.ParseHex),
        "smp_affinity_list" => Affinity(desc, file, CpuMask.ParseList),
        _ => new File(() => Read(desc, file)),
    };

    private delegate Errno MaskParser(string text, int cpus, out CpuMask mask);

    private File Affinity(IrqDesc desc, string file, MaskParser parse)
    {
        bool mayMove = IrqManager.CanSetAffinity(desc);
        return new File(() => Read(desc, file), text =>
        {
            if (!mayMove) return _profile.RefusesAffinityAsPermission ? Errno.EPERM : Errno.EIO;
            Errno error = parse(text, kernel.CpuCount, out CpuMask mask);
            return error != Errno.None ? error : kernel.Irqs.SetAffinity(desc, mask);
        })
        {
            LooksReadOnly = !mayMove && _profile.RefusesAffinityAsPermission,
        };
    }

    public string ReadSys(IrqDesc desc, string file) => file switch
    {
        "actions" => desc.Actions.Count == 0 ? "" : string.Join(",", desc.Actions.Select(action => action.Name)) + "\n",
        "chip_name" => ChipNaming.Of(_profile, desc).Chip + "\n",
        "hwirq" => desc.HasDomain ? ChipNaming.Of(_profile, desc).Hwirq + "\n" : "",
        "name" => desc.Chip.ShowsFlow ? desc.FlowName + "\n" : "",
        "per_cpu_count" => string.Join(",", kernel.Cpus.Select(cpu => desc.CountOn(cpu.Id))) + "\n",
        "type" => (desc.IsLevel ? "level" : "edge") + "\n",
        "wakeup" => desc.WakeDepth > 0 ? "enabled\n" : "disabled\n",
        _ => throw new ArgumentOutOfRangeException(nameof(file), file, "not a file of /sys/kernel/irq/N"),
    };
}
