using System.CommandLine;
using System.CommandLine.Help;
using Tophalf.Cli.Commands;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Twin;
using Tophalf.Twin.Captures;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Cli;

/// <summary>Runs one command line from arguments to exit code. Whatever goes wrong becomes lines on stderr, never a stack trace.</summary>
internal static class CommandLine
{
    /// <summary>Set to 1, an internal error is shown with its stack trace.</summary>
    private const string DebugVariable = "TOPHALF_DEBUG";

    public static int Run(IReadOnlyList<string> args, Terminal terminal)
    {
        try
        {
            ParseResult line = TophalfCommand.Create(terminal).Parse(args, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
            if (line.Action is not HelpAction && UsageProblem.Of(line) is { } problem)
                throw new UsageException(problem);
            int status = line.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = terminal.Output, Error = terminal.Error });
            terminal.Output.Flush();
            return status;
        }
        catch (Exception error) when (IsBadInput(error))
        {
            foreach (string problem in error.Message.Split('\n'))
                terminal.Error.WriteLine($"tophalf: {Visible.Of(problem)}");
            return ExitCode.BadInput;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // All input is read by readers with exceptions of their own. A reader that has gone, such as head, is no error: .NET's console says nothing of it.
            Complain(terminal, $"tophalf: the output cannot be written: {error.Message.TrimEnd('.')}; send it elsewhere");
            return ExitCode.BadInput;
        }
        catch (Exception error)
        {
            terminal.Error.WriteLine($"tophalf: internal error: {Visible.Of(error.Message)}; please report it with the scenario and the seed");
            if (Environment.GetEnvironmentVariable(DebugVariable) == "1")
                terminal.Error.WriteLine(error);
            return ExitCode.InternalError;
        }
    }

    /// <summary>Where the terminal itself has gone, nobody is there to hear it.</summary>
    private static void Complain(Terminal terminal, string line)
    {
        try
        {
            terminal.Error.WriteLine(line);
        }
        catch (IOException)
        {
        }
    }

    private static bool IsBadInput(Exception error) =>
        error is UsageException or ScenarioException or TuningException or CostSetException or CaptureException or LinuxException or ReaderException;
}
