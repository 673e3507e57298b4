using System.CommandLine;
using System.Text;
using Tophalf.Linux;
using Tophalf.Twin;
using Tophalf.Twin.Host;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Cli.Commands;

/// <summary><c>tophalf sh [SCENARIO] [-c 'COMMANDS' | FILE]</c>: a shell on the twin; virtual time passes while a command sleeps.</summary>
internal static class ShCommand
{
    private const long ObservedNs = 1_000_000_000;

    public static Command Create(Terminal terminal)
    {
        var scenario = new Argument<string?>("SCENARIO")
        {
            Description = "A scenario file (YAML). Without one: a twin of this machine, at the rates it shows now",
            HelpName = "SCENARIO",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var file = new Argument<string?>("FILE") { Description = "A script to run instead of asking", HelpName = "FILE", Arity = ArgumentArity.ZeroOrOne };
        var commands = new Option<string?>("-c") { Description = "Run these commands instead of asking", HelpName = "'COMMANDS'" };
        var command = new Command("sh", "Open a shell on a machine's twin: cat, echo, grep, ethtool, sleep …") { scenario, file, commands };
        command.SetAction(line =>
        {
            string? script = Script(line.GetValue(commands), line.GetValue(file));
            TwinMachine machine = Build(line.GetValue(scenario), terminal);
            return script is null ? Ask(machine, terminal) : machine.Run(script, (text, isError) => Print(text, isError, terminal)).Status;
        });
        return command;
    }

    private static string? Script(string? commands, string? file)
    {
        if (commands is not null && file is not null) throw new UsageException("both -c and a script file; write one of them");
        if (file is null) return commands;
        try
        {
            return new LiveMachine().Read(Path.GetFullPath(file));
        }
        catch (LinuxException failed)
        {
            throw new UsageException($"{file}:1:1: {failed.Errno.Text()}; give the path of a shell script");
        }
    }

    private static TwinMachine Build(string? path, Terminal terminal)
    {
        Scenario scenario = path is null ? HostTwin.ToScenario(HostTwin.Observe(new LiveMachine(), ObservedNs)) : ScenarioFile.Load(path);
        TwinMachine machine = MachineBuilder.Build(scenario, scenario.Seed, exact: false);
        terminal.Output.Write(TwinRunner.Tune(machine, command: null));
        return machine;
    }

    /// <summary>One command after the other until exit or the end of the input. An unfinished command (an open quote, an if without fi) goes on in the next line.</summary>
    private static int Ask(TwinMachine machine, Terminal terminal)
    {
        int status = 0;
        var pending = new StringBuilder();
        while (!machine.HasExited)
        {
            if (terminal.IsInteractive)
            {
                terminal.Error.Write(pending.Length == 0 ? $"[{machine.NowNs / 1e9:f3}] # " : "> ");
                terminal.Error.Flush();
            }
            if (terminal.Input.ReadLine() is not { } line) break;
            pending.Append(line).Append('\n');
            // What an unfinished command complains about is not to be seen, so nothing is printed before the end.
            List<(string Text, bool IsError)> written = [];
            CommandResult result = machine.Run(pending.ToString(), (text, isError) => written.Add((text, isError)));
            if (result.Status == 2 && result.Error.Contains("unexpected end", StringComparison.Ordinal) && line.Length > 0) continue;
            pending.Clear();
            status = result.Status;
            foreach ((string text, bool isError) in written)
                Print(text, isError, terminal);
            terminal.Output.Flush();
        }
        return status;
    }

    /// <summary>In the order of writing, also where both streams lead to one place.</summary>
    private static void Print(string text, bool isError, Terminal terminal)
    {
        if (isError)
            terminal.Output.Flush();
        (isError ? terminal.Error : terminal.Output).Write(text);
    }
}
