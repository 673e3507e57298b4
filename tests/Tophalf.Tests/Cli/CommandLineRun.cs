using Tophalf.Cli;

namespace Tophalf.Tests.Cli;

/// <summary>What one command line printed and returned, without a process.</summary>
internal sealed record CommandLineRun(int Status, string Output, string Error)
{
    public static CommandLineRun Of(params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int status = CommandLine.Run(args, PlainTerminal(output, error));
        return new CommandLineRun(status, output.ToString(), error.ToString());
    }

    public static Terminal PlainTerminal(TextWriter output, TextWriter? error = null) =>
        new(output, error ?? TextWriter.Null, HasColors: false, ShowsProgress: false, Width: 120);
}
