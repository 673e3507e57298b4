using System.Collections.Immutable;
using System.Globalization;

namespace Tophalf.Linux;

/// <summary>Where one CPU sits. What the machine does not tell (an offline CPU has no topology) is null.</summary>
/// <param name="Package">Socket (physical_package_id); −1 where the firmware does not say.</param>
/// <param name="Core">Core number inside its package; not unique across packages.</param>
/// <param name="ThreadSiblings">CPUs of the same core, this one included.</param>
/// <param name="Node">NUMA node.</param>
public sealed record CpuPlace(int Cpu, int? Package, int? Core, CpuMask? ThreadSiblings, int? Node);

/// <summary>/sys/devices/system/cpu: which CPUs there are and how they share cores, sockets and memory (drivers/base/topology.c, cpu.c).</summary>
/// <param name="Online">CPUs that run now.</param>
/// <param name="Possible">CPUs that could ever come; one more than the highest is nr_cpu_ids, the width of printed masks.</param>
/// <param name="Present">CPUs that are plugged in.</param>
/// <param name="Cpus">One per present CPU, ascending.</param>
public sealed record CpuTopology(CpuMask Online, CpuMask Possible, CpuMask Present, ImmutableArray<CpuPlace> Cpus)
{
    public const string Path = "/sys/devices/system/cpu";

    /// <summary>nr_cpu_ids: how many CPUs a printed mask has room for.</summary>
    public int NrCpuIds => Possible.Last + 1;

    public static CpuTopology Read(ILinuxMachine machine)
    {
        CpuMask online = IrqDirectory.ListMask(machine.Read($"{Path}/online"));
        CpuMask possible = OptionalFile.Read(machine, $"{Path}/possible") is { } list ? IrqDirectory.ListMask(list) : online;
        CpuMask present = OptionalFile.Read(machine, $"{Path}/present") is { } here ? IrqDirectory.ListMask(here) : online;
        ImmutableArray<CpuPlace>.Builder places = ImmutableArray.CreateBuilder<CpuPlace>(present.Count);
        foreach (int cpu in present)
            places.Add(ReadPlace(machine, cpu));
        return new CpuTopology(online, possible, present, places.DrainToImmutable());
    }

    private static CpuPlace ReadPlace(ILinuxMachine machine, int cpu)
    {
        string directory = string.Create(CultureInfo.InvariantCulture, $"{Path}/cpu{cpu}");
        string? siblings = OptionalFile.Read(machine, $"{directory}/topology/thread_siblings_list");
        return new CpuPlace(
            cpu,
            Number(OptionalFile.Read(machine, $"{directory}/topology/physical_package_id")),
            Number(OptionalFile.Read(machine, $"{directory}/topology/core_id")),
            siblings is null ? null : IrqDirectory.ListMask(siblings),
            Node(machine, directory));
    }

    /// <summary>The directory of a CPU holds a link "nodeN" to its NUMA node.</summary>
    private static int? Node(ILinuxMachine machine, string directory)
    {
        try
        {
            foreach (string name in machine.List(directory))
            {
                if (name.StartsWith("node", StringComparison.Ordinal) && Fields.IsNumber(name.AsSpan(4)))
                    return Number(name[4..]);
            }
        }
        catch (LinuxException exception) when (exception.Errno is Errno.ENOENT or Errno.ENOTDIR)
        {
            return null;
        }
        return null;
    }

    private static int? Number(string? text) =>
        int.TryParse(text.AsSpan().Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null;
}
