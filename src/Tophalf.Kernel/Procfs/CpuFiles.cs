using Tophalf.Linux;

namespace Tophalf.Kernel.Procfs;

/// <summary>/sys/devices/system/cpu: which processors there are, how they belong together, and the switch of each (drivers/base/cpu.c, topology.c).</summary>
internal sealed class CpuFiles(Kernel kernel)
{
    /// <summary>Processors this kernel was built for, less one: CONFIG_NR_CPUS of a distribution's kernel.</summary>
    private const int KernelMax = 8191;

    private CpuMask Possible => CpuMask.FirstCpus(kernel.CpuCount);

    public Directory Tree()
    {
        var files = new Dictionary<string, File>
        {
            ["isolated"] = new(() => kernel.Isolation.Domain.ToList() + "\n"),
            ["nohz_full"] = new(() => kernel.TickParameters.NoHzFull.ToList() + "\n"),
            ["kernel_max"] = new(() => KernelMax + "\n"),
            ["isolated"] = new(() => kernel.Isolation.Domain.ToList() + "\n"),
            // %*pbl of a mask that was never allocated (drivers/base/cpu.c, print_cpus_nohz_full)
            ["nohz_full"] = new(() => (kernel.TickParameters.NoHzFull.IsEmpty ? "(null)" : kernel.TickParameters.NoHzFull.ToList()) + "\n"),
            ["offline"] = new(() => Possible.AndNot(kernel.OnlineMask).ToList() + "\n"),
            ["online"] = new(() => kernel.OnlineMask.ToList() + "\n"),
            ["possible"] = new(() => Possible.ToList() + "\n"),
            ["present"] = new(() => Possible.ToList() + "\n"),
        };
        Directory idle = Directory.Of(
            ("available_governors", new File(() => "menu haltpoll \n")),
            ("current_driver", new File(() => IdleDriver + "\n")),
            ("current_governor", new File(() => IdleGovernor + "\n")),
            ("current_governor_ro", new File(() => IdleGovernor + "\n")));
        return new Directory(
            () => kernel.Cpus.Select(cpu => $"cpu{cpu.Id}").Concat(files.Keys).Append("cpuidle"),
            name => name == "cpuidle" ? idle : files.TryGetValue(name, out File? file) ? file : Number(name) is { } id ? Cpu(id) : null);
    }

    /// <summary>/sys/devices/system/cpu/cpuidle (drivers/cpuidle/sysfs.c): without a driver processors halt by themselves.</summary>
    private string IdleDriver => kernel.IdleStates.Driver ?? "none";

    private string IdleGovernor => kernel.HaltPoll is not null ? "haltpoll" : "menu";

    private int? Number(string name) =>
        name.StartsWith("cpu", StringComparison.Ordinal) && int.TryParse(name.AsSpan(3), out int id) && (uint)id < (uint)kernel.CpuCount && name == $"cpu{id}" ? id : null;

    /// <summary>The boot processor cannot go and has no switch; what has no thread running has no topology.</summary>
    private Directory Cpu(int id)
    {
        var children = new List<(string, Node)>();
        if (id != 0) children.Add(("online", new File(() => kernel.OnlineMask.Contains(id) ? "1\n" : "0\n", text => Switch(id, text))));
        if (kernel.OnlineMask.Contains(id)) children.Add(("topology", Topology(id)));
        if (kernel.IdleStates.Driver is not null) children.Add(("cpuidle", IdleFiles.Tree(kernel.Cpus[id].Idle)));
        return Directory.Of([.. children]);
    }

    /// <summary>online_store: kstrtobool, which looks at the first characters only; EINVAL for what is neither yes nor no.</summary>
    private Errno Switch(int id, string text) => text switch
    {
        ['1' or 'y' or 'Y' or 't' or 'T', ..] or ['o' or 'O', 'n' or 'N', ..] => kernel.Hotplug.Online(id),
        ['0' or 'n' or 'N' or 'f' or 'F', ..] or ['o' or 'O', 'f' or 'F', ..] => SwitchOff(id),
        _ => Errno.EINVAL,
    };

    /// <summary>The writer comes back when the processor is gone.</summary>
    private Errno SwitchOff(int id)
    {
        Errno error = kernel.Hotplug.Offline(id);
        return error != Errno.None ? error : kernel.RunProcess("sh", [kernel.Hotplug.Settled(id)]);
    }

    private Directory Topology(int id)
    {
        CpuPosition place = kernel.Options.Place(id);
        // Walks all processors, so only for the files that show it.
        CpuMask Package() => CpuMask.Of([.. kernel.Cpus.Select(cpu => cpu.Id).Where(other => kernel.Options.Place(other).Socket == place.Socket)]);
        var children = new List<(string, Node)>
        {
            ("physical_package_id", new File(() => place.Socket + "\n")),
            ("die_id", new File(() => "0\n")),
            ("core_id", new File(() => place.Core + "\n")),
        };
        foreach (string threads in new[] { "core_cpus", "thread_siblings" }) children.AddRange(Masks(threads, () => place.Siblings));
        foreach (string cores in new[] { "core_siblings", "die_cpus", "package_cpus" }) children.AddRange(Masks(cores, Package));
        return Directory.Of([.. children]);
    }

    /// <summary>A mask as hex and as list, of the processors online.</summary>
    private IEnumerable<(string, Node)> Masks(string name, Func<CpuMask> mask) =>
    [
        (name, new File(() => mask().And(kernel.OnlineMask).ToHex(kernel.CpuCount) + "\n")),
        (name + "_list", new File(() => mask().And(kernel.OnlineMask).ToList() + "\n")),
    ];
}
