namespace Tophalf.Twin.Scenarios;

/// <summary>
/// What a twin is made of and what it goes through: the machine, its devices, the load on them, and the commands run before
/// the clock starts. A plain value; <see cref="ScenarioFile"/> reads it from YAML.
/// </summary>
public sealed record Scenario
{
    /// <summary>One second.</summary>
    public const long DefaultRunPs = 1_000_000_000_000;

    /// <summary>The file the scenario was read from, as the caller named it.</summary>
    public required string Path { get; init; }

    public MachineSpec Machine { get; init; } = new();

    /// <summary>In the order of the file; names are unique.</summary>
    public IReadOnlyList<DeviceSpec> Devices { get; init; } = [];

    public IReadOnlyList<WorkloadSpec> Workloads { get; init; } = [];

    /// <summary>A shell script, line by line, blank lines and comments included: a command may go on over several lines.</summary>
    public IReadOnlyList<TuningLine> Tuning { get; init; } = [];

    /// <summary>Virtual time the scenario runs for after tuning, in picoseconds.</summary>
    public long RunPs { get; init; } = DefaultRunPs;

    public ulong Seed { get; init; } = 1;
}

/// <summary>One line of the tuning script and its line number in the scenario file.</summary>
public sealed record TuningLine(string Text, int Line);
