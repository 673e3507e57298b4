using System.Text.RegularExpressions;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Twin.Scenarios;

/// <summary>Turns the YAML of a scenario into its value.</summary>
internal sealed partial class ScenarioReader(string path, ProblemList problems)
{
    /// <summary>A day: the longest time anything in a scenario takes.</summary>
    public const long LongestPs = 86_400_000_000_000_000;

    private const string Example = "{cores: 8}";
    private const string TuningForm = "write tuning: | and the commands on the lines below it";

    /// <exception cref="ScenarioException">Anything is wrong, here or in the tree before.</exception>
    public Scenario Read(YamlNode? root)
    {
        if (root is null or YamlScalar { IsNothing: true })
            throw problems.Fatal(SourcePosition.Start, "the scenario is empty", $"write at least machine: {Example}");
        if (root is not YamlMap map)
            throw problems.Fatal(root.At, $"the scenario is {root.KindName}", $"write a map, such as machine: {Example}");

        var top = new MapReader(map, "the scenario", problems, "machine", "devices", "workloads", "tuning", "run", "seed");
        int before = problems.Count;
        MachineSpec machine = ReadMachine(top.Map("machine", Example));
        bool machineIsKnown = problems.Count == before;

        YamlMap? deviceMap = top.Map("devices", "{eth0: {model: ixgbe}}");
        // Where the CPUs are misspelt, their numbers in the rest of the file are not judged by a guess.
        int cpus = machineIsKnown ? machine.Cpus : MachineSpec.MaxCpus;
        IReadOnlyList<DeviceSpec> devices = new DeviceReader(problems, cpus).ReadAll(deviceMap);
        var workloads = new WorkloadReader(problems, new WorkloadSurroundings(
            Folder: System.IO.Path.GetDirectoryName(path) ?? "",
            Cpus: cpus,
            Devices: [.. devices.SelectMany(device => device.WithVirtualFunctions())],
            DeviceNames: [.. deviceMap?.Entries.Select(entry => entry.Key) ?? []]));

        var scenario = new Scenario
        {
            Path = path,
            Machine = machine,
            Devices = devices,
            Workloads = workloads.ReadAll(top.List("workloads", "[packets: {to: eth0, rate: 1Mpps}]")),
            Tuning = ReadTuning(top.Scalar("tuning", TuningForm)),
            RunPs = top.Measure("run", Quantity.DurationPs, 1, LongestPs) ?? Scenario.DefaultRunPs,
            Seed = top.Whole("seed", 0, ulong.MaxValue) ?? 1,
        };
        problems.ThrowIfAny();
        return scenario;
    }

    /// <summary>Words the problem of a key that is there twice: a device by its name, others plainly.</summary>
    public static (string Wrong, string Instead) WordDuplicate(IReadOnlyList<string> around, string key, int firstLine) =>
        around is ["devices"]
            ? ($"a second device {Wording.Quote(key)}, the first is on line {firstLine}", "give one of them another name")
            : ($"key {Wording.Quote(key)} is there twice, first on line {firstLine}", "keep one of them");

    private MachineSpec ReadMachine(YamlMap? map)
    {
        var fallback = new MachineSpec();
        if (map == null)
            return fallback;
        var keys = new MapReader(map, "machine", problems, "sockets", "cores", "threads", "costs", "idle", "arat", "steal", "steal-slice", "kernel");
        var machine = new MachineSpec
        {
            Sockets = keys.Int("sockets", 1, MachineSpec.MaxCpus) ?? fallback.Sockets,
            Cores = keys.Int("cores", 1, MachineSpec.MaxCpus) ?? fallback.Cores,
            Threads = keys.Int("threads", 1, MachineSpec.MaxCpus) ?? fallback.Threads,
            Costs = keys.Words("costs", longest: 64, fallback.Costs) ?? fallback.Costs,
            CostsAt = keys.Has("costs") ? keys.ValueAt("costs") : null,
            Idle = keys.Words("idle", longest: 64, "icelake-server"),
            IdleAt = keys.Has("idle") ? keys.ValueAt("idle") : null,
            HasArat = keys.Choice("arat", fallback.HasArat, ("on", true), ("off", false)),
            StealPpm = (int)(keys.Measure("steal", Quantity.PercentPpm, 0, 900_000) ?? 0),
            StealSlicePs = keys.Measure("steal-slice", Quantity.DurationPs, SimTime.Microsecond, SimTime.Second) ?? fallback.StealSlicePs,
            Kernel = ReadKernel(keys.Map("kernel", "{hz: 250}")),
        };
        if (machine.Cpus > MachineSpec.MaxCpus)
        {
            problems.Add(map.At, $"{machine.Sockets} sockets of {machine.Cores} cores of {machine.Threads} threads are {machine.Cpus} CPUs",
                $"write at most {MachineSpec.MaxCpus}");
        }

        return machine;
    }

    private KernelSpec ReadKernel(YamlMap? map)
    {
        var fallback = new KernelSpec();
        if (map == null)
            return fallback;
        var keys = new MapReader(map, "kernel", problems, "hz", "release", "cmdline", "preempt", "irq-time", "debug-atomic-sleep");
        string? release = keys.Words("release", longest: 64, fallback.Release);
        if (release is not null && !Release().IsMatch(release))
        {
            keys.Reject("release", $"{Wording.Quote(release)} is not a kernel release; write one as uname -r prints it, such as {fallback.Release}");
            release = null;
        }

        return new KernelSpec
        {
            Hz = keys.Choice("hz", fallback.Hz, ("100", 100), ("250", 250), ("300", 300), ("1000", 1000)),

            Preemption = keys.Choice("preempt", fallback.Preemption, ("none", PreemptionModel.None), ("voluntary", PreemptionModel.Voluntary),
                ("full", PreemptionModel.Full), ("lazy", PreemptionModel.Lazy), ("rt", PreemptionModel.Rt)),

            IrqTimeAccounting = keys.Choice("irq-time", fallback.IrqTimeAccounting, ("on", true), ("off", false)),

            DebugAtomicSleep = keys.Choice("debug-atomic-sleep", fallback.DebugAtomicSleep, ("on", true), ("off", false)),

            // A utsname field has 65 bytes, the command line of x86 2048 (COMMAND_LINE_SIZE), each with its NUL.
            Release = release ?? fallback.Release,
            Cmdline = keys.Words("cmdline", longest: 2047, "threadirqs") ?? fallback.Cmdline,
        };
    }

    [GeneratedRegex(@"^\d{1,4}\.\d{1,4}")]
    private static partial Regex Release();

    /// <summary>Only forms that keep line for line are read: YAML folds the lines of others into one.</summary>
    private IReadOnlyList<TuningLine> ReadTuning(YamlScalar? scalar)
    {
        if (scalar is null or { IsNothing: true })
            return [];
        bool isOneLine = !scalar.IsBlock && scalar.LastLine == scalar.At.Line && !scalar.Text.Contains('\n');
        if (!scalar.IsLiteral && !isOneLine)
        {
            problems.Add(scalar.At, "tuning runs its lines together", TuningForm);
            return [];
        }

        string[] lines = scalar.Text.TrimEnd('\n').Split('\n');
        int first = scalar.IsLiteral ? scalar.At.Line + 1 : scalar.At.Line;
        return [.. lines.Select((line, i) => new TuningLine(line, first + i))];
    }
}
