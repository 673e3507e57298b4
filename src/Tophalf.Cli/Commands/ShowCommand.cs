using System.CommandLine;
using Tophalf.Cli.Show;
using Tophalf.Cli.Text;
using Tophalf.Linux;

namespace Tophalf.Cli.Commands;

/// <summary><c>tophalf show FILE...</c>: kernel files somebody saved, read and explained.</summary>
internal static class ShowCommand
{
    public static Command Create(Terminal terminal)
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "Text of /proc/interrupts, /proc/softirqs, /proc/stat, /proc/net/softnet_stat or /proc/net/dev, of any machine",
            HelpName = "FILE...",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command("show", "Read and explain kernel files that somebody saved") { files };
        command.SetAction(line => Run(line.GetRequiredValue(files), terminal));
        return command;
    }

    /// <summary>Shows every file that can be read; one that cannot does not keep the others from being shown.</summary>
    private static int Run(string[] files, Terminal terminal)
    {
        int status = ExitCode.Good;
        var machine = new LiveMachine();
        for (int i = 0; i < files.Length; i++)
        {
            string file = files[i];
            var page = new Page(terminal);
            if (i > 0)
                page.Line();
            try
            {
                KernelFile.Show(page, file, machine.Read(file));
            }
            catch (ReaderException error)
            {
                terminal.Error.WriteLine($"tophalf: {Visible.Of(file)}:{Visible.Of(error.Message)}");
                status = ExitCode.BadInput;
                continue;
            }
            catch (LinuxException error)
            {
                terminal.Error.WriteLine($"tophalf: {Visible.Of(file)}:1:1: {error.Errno.Text()}; give a file that can be read");
                status = ExitCode.BadInput;
                continue;
            }

            page.Print();
        }

        return status;
    }
}
