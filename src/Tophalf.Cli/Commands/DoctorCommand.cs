using System.CommandLine;
using Tophalf.Advisor;
using Tophalf.Advisor.Observations;
using Tophalf.Cli.Doctoring;
using Tophalf.Cli.Text;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Twin;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Cli.Commands;

/// <summary><c>tophalf doctor [--on live|CAPTURE|SCENARIO|FILE]</c>: what is the matter with a machine's interrupts, why, and what to try.</summary>
internal static class DoctorCommand
{
    private const long WatchedNs = 2_000_000_000;

    public static Command Create(Terminal terminal)
    {
        Option<string?> on = MachineOpener.Option();
        var watchFor = new Option<string?>("--for") { Description = "Time to watch the machine, such as 5s; otherwise 2s, or a scenario's own", HelpName = "DURATION" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("doctor", "Say what is the matter with a machine's interrupts, on what evidence, and what to try") { on, watchFor, json };
        command.SetAction(line =>
        {
            string name = line.GetValue(on) ?? "live";
            long? asked = DurationNs(line.GetValue(watchFor));
            ILinuxMachine machine = MachineOpener.Open(line.GetValue(on), terminal);
            long duration = asked ?? (machine is TwinMachine twin ? twin.Scenario.RunPs / SimTime.Nanosecond : WatchedNs);
            return Run(name, machine, duration, line.GetValue(json), terminal);
        });
        return command;
    }

    private static int Run(string name, ILinuxMachine machine, long durationNs, bool isJson, Terminal terminal)
    {
        Observation seen = Watch(machine, durationNs, terminal);
        Diagnosis diagnosis = Doctor.Examine(seen);
        if (isJson)
        {
            terminal.Output.Write(JsonText.Of(json => DiagnosisJson.Write(json, name, seen, diagnosis)));
        }
        else
        {
            var page = new Page(terminal);
            DiagnosisPage.Write(page, name, seen, diagnosis);
            page.Print();
        }
        return diagnosis.Findings.Count > 0 ? ExitCode.Findings : ExitCode.Good;
    }

    private static Observation Watch(ILinuxMachine machine, long durationNs, Terminal terminal)
    {
        using var progress = new Run.ProgressLine(terminal, "watching the machine");
        progress.Report(0);
        return Observer.Watch(machine, durationNs);
    }

    private static long? DurationNs(string? text)
    {
        if (text is null)
            return null;
        if (!Quantity.DurationPs.TryParse(text, out long ps, out string? problem))
            throw new UsageException($"--for: {problem}");
        return ps >= SimTime.Millisecond ? ps / SimTime.Nanosecond : throw new UsageException($"--for: {UsageProblem.Quote(text)} is too short to see anything; write a duration such as 2s");
    }
}
