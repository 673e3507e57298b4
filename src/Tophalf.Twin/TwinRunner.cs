using System.Diagnostics;
using Tophalf.Simulation;
using Tophalf.Twin.Checkers;
using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;
using Tophalf.Userland.Shell;

namespace Tophalf.Twin;

/// <summary>What a caller may change of a scenario's run.</summary>
public sealed record RunOptions
{
    public long? ForPs { get; init; }
    public ulong? Seed { get; init; }

    /// <summary>Every packet its own event: slower, and never different.</summary>
    public bool Exact { get; init; }

    /// <summary>Device or line whose first interrupt after tuning is followed hop by hop.</summary>
    public string? Follow { get; init; }

    /// <summary>A shell command run after the scenario's tuning, before the clock starts.</summary>
    public string? Command { get; init; }
}

/// <summary>Builds the twin of a scenario, tunes it, runs it, checks its books and reports.</summary>
public static class TwinRunner
{
    private const int Portions = 100;

    /// <summary>
    /// Throws <see cref="TuningException"/>, or a cost set's or capture's exception, for what the scenario asks in vain, and
    /// <see cref="AuditException"/> if the simulator contradicts itself. <paramref name="progress"/> hears the part done, 0 to 1.
    /// <paramref name="witness"/> may look at the machine twice: when the clock starts and when it has stopped.
    /// </summary>
    public static RunReport Run(Scenario scenario, RunOptions options, Action<double>? progress = null, Action<TwinMachine>? witness = null)
    {
        long started = Stopwatch.GetTimestamp();
        TwinMachine machine = MachineBuilder.Build(scenario, options.Seed ?? scenario.Seed, options.Exact);
        string output = Tune(machine, options.Command);
        if (options.Follow is { } name)
        {
            if (!machine.Knows(name))
                throw new TuningException($"--follow {name}: no such device or interrupt handler; write one of {string.Join(", ", machine.FollowableNames.Take(12))}");
            machine.Follow(name);
        }
        witness?.Invoke(machine);
        long fromPs = machine.Events.NowPs;
        long forPs = options.ForPs ?? scenario.RunPs;
        for (int i = 1; i <= Portions; i++)
        {
            machine.RunUntil(fromPs + (long)((Int128)forPs * i / Portions));
            progress?.Invoke(i / (double)Portions);
            if (machine.Kernel.PanicReason is not null) break; // nothing runs any more
        }
        Audit.Check(machine);
        witness?.Invoke(machine);
        return ReportMaker.Make(machine, output, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>Runs the scenario's tuning and one more command; what fails is reported at its line.</summary>
    public static string Tune(TwinMachine machine, string? command)
    {
        Scenario scenario = machine.Scenario;
        string output = "";
        if (scenario.Tuning.Count > 0)
        {
            string script = string.Join("\n", scenario.Tuning.Select(line => line.Text));
            if (machine.RunScript(script, out output) is { } failure)
            {
                int line = scenario.Tuning[Math.Clamp(failure.Line - 1, 0, scenario.Tuning.Count - 1)].Line;
                throw new TuningException($"{scenario.Path}:{line}:1: {Words(failure)}");
            }
        }
        if (command is null) return output;
        if (machine.RunScript(command, out string more) is { } failed) throw new TuningException($"'{command}': {Words(failed)}");
        return output + more;
    }

    private static string Words(CommandFailure failure)
    {
        string said = failure.Error.Replace("\n", ", ").Trim(',', ' ');
        string remedy = failure.Status == 127 ? "write a command the twin's shell knows: echo, cat, grep, ethtool …" : "look at its usage, or try it by hand with tophalf sh";
        return $"{(said.Length > 0 ? said : $"'{failure.Command}' failed")} (status {failure.Status}); {remedy}";
    }
}
