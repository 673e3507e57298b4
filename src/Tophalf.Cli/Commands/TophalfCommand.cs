using System.CommandLine;
using System.CommandLine.Help;

namespace Tophalf.Cli.Commands;

/// <summary>The command <c>tophalf</c> itself: help, version, and the commands below it.</summary>
internal static class TophalfCommand
{
    private const string About =
        "Linux's interrupt subsystem as a program: run a machine's interrupts on your desk, change a setting, see what it costs and saves.";

    public static RootCommand Create(Terminal terminal)
    {
        var version = new Option<bool>("--version") { Description = "Show the version" };
        var root = new RootCommand(About) { HelpName = "tophalf" };
        root.Options.Clear();
        root.Directives.Clear();
        root.Options.Add(new HelpOption("--help", "-h"));
        root.Options.Add(version);
        root.Subcommands.Add(RunCommand.Create(terminal));
        root.Subcommands.Add(ShCommand.Create(terminal));
        root.Subcommands.Add(CaptureCommand.Create(terminal));
        root.Subcommands.Add(ShowCommand.Create(terminal));
        root.Subcommands.Add(TopCommand.Create(terminal));
        root.Subcommands.Add(DoctorCommand.Create(terminal));
        root.SetAction(line =>
        {
            if (!line.GetValue(version))
                throw new UsageException($"no command; write tophalf {UsageProblem.OneOf(root.Subcommands)}, or tophalf --help");
            terminal.Output.WriteLine($"tophalf {Version}");
            return ExitCode.Good;
        });
        return root;
    }

    private static string Version => typeof(TophalfCommand).Assembly.GetName().Version!.ToString(fieldCount: 3);
}
