using System.CommandLine;
using System.Globalization;
using Tophalf.Advisor;
using Tophalf.Cli.Run;
using Tophalf.Cli.Text;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Twin;
using Tophalf.Twin.Host;
using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Cli.Commands;

/// <summary><c>tophalf run [SCENARIO]</c>: runs a twin once, or twice to see what a command changes.</summary>
internal static class RunCommand
{
    private const long ObservedNs = 1_000_000_000;

    public static Command Create(Terminal terminal)
    {
        var scenario = new Argument<string?>("SCENARIO")
        {
            Description = "A scenario file (YAML). Without one: a twin of this machine, at the rates it shows now, beside the machine itself",
            HelpName = "SCENARIO",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var runFor = new Option<string?>("--for") { Description = "Virtual time to run for, such as 200ms; otherwise the scenario's", HelpName = "DURATION" };
        var seed = new Option<string?>("--seed") { Description = "Seed of all chance; otherwise the scenario's", HelpName = "NUMBER" };
        var versus = new Option<string?>("--vs") { Description = "Run again with this command before the clock starts, and compare", HelpName = "'COMMAND'" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var exact = new Option<bool>("--exact") { Description = "Make every packet its own event: slower, never different" };
        var follow = new Option<string?>("--follow") { Description = "Show the first interrupt of this device or handler hop by hop", HelpName = "NAME" };
        var command = new Command("run", "Run a machine's twin and report its interrupts, CPUs and latencies") { scenario, runFor, seed, versus, json, exact, follow };
        command.SetAction(line =>
        {
            var options = new RunOptions
            {
                ForPs = DurationPs(line.GetValue(runFor)),
                Seed = Seed(line.GetValue(seed)),
                Exact = line.GetValue(exact),
                Follow = line.GetValue(follow),
            };
            string? path = line.GetValue(scenario);
            HostObservation? host = path == null ? Observe(terminal) : null;
            Scenario what = host != null ? HostTwin.ToScenario(host) : ScenarioFile.Load(path!);
            Run(what, host, options, line.GetValue(versus), line.GetValue(json), terminal);
            return ExitCode.Good;
        });
        return command;
    }

    private static HostObservation Observe(Terminal terminal)
    {
        using var progress = new ProgressLine(terminal, "watching this host");
        progress.Report(0);
        try
        {
            return HostTwin.Observe(new LiveMachine(), ObservedNs);
        }
        catch (LinuxException hidden)
        {
            throw new UsageException($"{hidden.Message}, and a twin of this host is made of it; run it where it can be read, or name a scenario");
        }
    }

    /// <param name="host">The machine the scenario is the twin of, if it was observed.</param>
    private static void Run(Scenario scenario, HostObservation? host, RunOptions options, string? versus, bool isJson, Terminal terminal)
    {
        if (!isJson)
        {
            double seconds = (options.ForPs ?? scenario.RunPs) / (double)SimTime.Second;
            terminal.Output.WriteLine(Visible.Of(RunPage.Header(scenario.Path, options.Seed ?? scenario.Seed, scenario.Machine.Costs, seconds)));
            if (versus != null)
                terminal.Output.WriteLine($"changed by: {Visible.Of(versus)}");
            terminal.Output.Flush();
        }

        AdvisedRun first = Simulate(scenario, options, versus == null ? "running" : "running base", terminal);
        if (versus == null)
        {
            if (host != null)
                Print(terminal, isJson, json => HostJson.Write(json, host, first), page => HostPage.Write(page, host, first, options.Follow));
            else
                Print(terminal, isJson, json => RunJson.Write(json, first), page => RunPage.Write(page, first.Report, first.Findings, options.Follow));
            return;
        }

        AdvisedRun changed = Simulate(scenario, options with { Command = versus }, "running changed", terminal);
        var comparison = new Comparison(first, changed, versus);
        Print(terminal, isJson, json => ComparisonJson.Write(json, comparison), page => ComparisonPage.Write(page, comparison, options.Follow));
    }

    private static AdvisedRun Simulate(Scenario scenario, RunOptions options, string doing, Terminal terminal)
    {
        using var progress = new ProgressLine(terminal, doing);
        return AdvisedRun.Of(scenario, options, progress.Report);
    }

    private static void Print(Terminal terminal, bool isJson, Action<System.Text.Json.Utf8JsonWriter> json, Action<Page> text)
    {
        if (isJson)
        {
            terminal.Output.Write(JsonText.Of(json));
            return;
        }

        var page = new Page(terminal);
        text(page);
        page.Print();
    }

    private static long? DurationPs(string? text)
    {
        if (text == null)
            return null;
        if (!Quantity.DurationPs.TryParse(text, out long ps, out string? problem))
            throw new UsageException($"--for: {problem}");
        return ps > 0 ? ps : throw new UsageException($"--for: {UsageProblem.Quote(text)} is no time at all; write a duration such as 200ms");
    }

    private static ulong? Seed(string? text)
    {
        if (text == null)
            return null;
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
            ? seed
            : throw new UsageException($"--seed: {UsageProblem.Quote(text)} is no seed; write a whole number from 0 to {ulong.MaxValue}");
    }
}
