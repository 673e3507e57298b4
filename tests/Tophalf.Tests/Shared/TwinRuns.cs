using System.Text.Json;
using Tophalf.Simulation;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Tests.Shared;

/// <summary>Runs scenarios written into a test.</summary>
internal static class TwinRuns
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Scenario Scenario(string yaml) => ScenarioFile.Parse(yaml, "test.yaml");

    public static RunReport Run(string yaml, RunOptions? options = null) => TwinRunner.Run(Scenario(yaml), options ?? new RunOptions());

    /// <summary>What a command prints, errors behind output, with its status where that is not 0.</summary>
    public static string Run(TwinMachine machine, string command)
    {
        var result = machine.Run(command);
        return result.Output + result.Error + (result.Status == 0 ? "" : $"[{result.Status}]\n");
    }

    /// <summary>The machine after tuning and <paramref name="forPs"/> of virtual time.</summary>
    public static TwinMachine Machine(string yaml, long forPs = 0, ulong seed = 1, bool exact = false)
    {
        TwinMachine machine = MachineBuilder.Build(Scenario(yaml), seed, exact);
        TwinRunner.Tune(machine, null);
        if (forPs > 0) machine.RunUntil(machine.Events.NowPs + forPs);
        return machine;
    }

    /// <summary>All of a report but the wall clock.</summary>
    public static string Text(RunReport report) => JsonSerializer.Serialize(report with { WallS = 0 }, Indented);

    /// <summary>Events per second of a count over <paramref name="forPs"/>.</summary>
    public static double PerSecond(long count, long forPs) => count / (forPs / (double)SimTime.Second);

    /// <summary>A file the project ships, found above the test assembly.</summary>
    public static string Shipped(string path)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Tophalf.slnx"))) return Path.Combine(folder.FullName, path);
        }
        throw new FileNotFoundException("the project's folder is not above the test assembly", path);
    }
}
