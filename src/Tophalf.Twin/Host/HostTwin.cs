using System.Globalization;
using Tophalf.Linux;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Twin.Host;

/// <summary>
/// Turns what was seen of a machine into a scenario of its twin: the same lines with the same names, chips, numbers and CPUs, each raising at the rate
/// it was seen to; timer and inter-processor interrupts at theirs; and a background task per CPU that is as busy as the host was.
/// </summary>
public static class HostTwin
{
    private const double QuietPerSecond = 1e-3;

    public static HostObservation Observe(ILinuxMachine machine, long durationNs) => HostObserver.Observe(machine, durationNs);

    public static Scenario ToScenario(HostObservation observed)
    {
        var devices = new List<DeviceSpec>();
        var workloads = new List<WorkloadSpec>();
        var pins = new HashSet<int>();
        foreach (HostLine line in observed.Lines)
        {
            DeviceSpec device = Device(line, pins, observed.Cpus.Count);
            devices.Add(device);
            AddRates(workloads, device.Name, line);
        }
        foreach (HostLine line in observed.SystemVectors)
        {
            if (!Enum.TryParse(line.Label, out SystemVector vector)) continue;
            // TLB flushes are function calls, and counted in both rows.
            HostLine? part = vector == SystemVector.CAL ? observed.SystemVectors.FirstOrDefault(row => row.Label == nameof(SystemVector.TLB)) : null;
            for (int cpu = 0; cpu < line.PerCpuPerSecond.Count; cpu++)
            {
                double rate = line.PerCpuPerSecond[cpu] - (part?.PerCpuPerSecond[cpu] ?? 0);
                if (rate > QuietPerSecond) workloads.Add(new SystemVectorWorkload(default, vector, cpu, rate));
            }
        }
        for (int cpu = 0; cpu < observed.CpuShares.Count; cpu++)
        {
            HostCpu share = observed.CpuShares[cpu];
            double timerRate = observed.SystemVectors.FirstOrDefault(line => line.Label == "LOC")?.PerCpuPerSecond[cpu] ?? 0;
            workloads.Add(new BackgroundWorkload(default, cpu, share.User, share.System, timerRate));
        }
        return new Scenario
        {
            Path = "this host",
            Machine = new MachineSpec { Cores = observed.Cpus.Count, HasLegacyPic = false, Kernel = new KernelSpec { Release = observed.Release } },
            Devices = devices,
            Workloads = workloads,
        };
    }

    private static DeviceSpec Device(HostLine line, HashSet<int> pins, int cpus)
    {
        int irq = line.Irq!.Value;
        bool wired = line.Chip.EndsWith("IO-APIC", StringComparison.Ordinal);
        // Pins beyond the twin's one I/O APIC, and lines of chips it has not got, come as messages: same number, same name, same CPU.
        if (wired && int.TryParse(line.HardwareIrq, NumberStyles.None, CultureInfo.InvariantCulture, out int pin) && pin is >= 0 and < 24 && pins.Add(pin))
        {
            return new DeviceSpec
            {
                Name = $"irq{irq}",
                Model = "line",
                Kind = DeviceKind.Line,
                Chip = InterruptChip.IoApic,
                Irq = irq,
                Pin = pin,
                Trigger = line.Flow == "fasteoi" ? TriggerMode.Level : TriggerMode.Edge,
                Actions = Actions(line),
                InitialCpus = Cpus(line),
            };
        }
        int entry = int.TryParse(line.HardwareIrq, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < 2048 ? index : 0;
        return new DeviceSpec
        {
            Name = $"irq{irq}",
            Model = "line",
            Kind = DeviceKind.Line,
            Chip = InterruptChip.MsiX,
            ChipName = line.Chip,
            Irq = irq,
            Pin = entry,
            Actions = Actions(line),
            InitialCpus = Cpus(line),
        };
    }

    private static IReadOnlyList<string> Actions(HostLine line) =>
        line.Name.Length == 0 ? [$"irq{line.Irq}"] : line.Name.Split(", ", StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Where the line is delivered now; where it was seen most, if the kernel does not tell.</summary>
    private static IReadOnlyList<int> Cpus(HostLine line)
    {
        if (line.PerSecond > QuietPerSecond) return [Busiest(line)];
        if (line.Effective is { } cpu) return [cpu];
        return line.Allowed;
    }

    private static int Busiest(HostLine line)
    {
        int busiest = 0;
        for (int cpu = 1; cpu < line.PerCpuPerSecond.Count; cpu++)
        {
            if (line.PerCpuPerSecond[cpu] > line.PerCpuPerSecond[busiest]) busiest = cpu;
        }
        return busiest;
    }

    private static void AddRates(List<WorkloadSpec> workloads, string device, HostLine line)
    {
        if (line.PerSecond <= QuietPerSecond) return;
        workloads.Add(new InterruptsWorkload(default)
        {
            To = device,
            Arrivals = new ArrivalSpec { Law = ArrivalLaw.Poisson, RateMicroHz = (long)(line.PerSecond * 1e6) },
        });
    }
}
