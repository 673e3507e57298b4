namespace Tophalf.Cli;

/// <summary>What the process tells its caller.</summary>
internal static class ExitCode
{
    public const int Good = 0;

    /// <summary>A check found something; where the command's help says so.</summary>
    public const int Findings = 1;

    /// <summary>Wrong usage or bad input; the message says what to write instead.</summary>
    public const int BadInput = 2;

    /// <summary>A mistake in Tophalf itself.</summary>
    public const int InternalError = 3;

    /// <summary>Ended by a signal before it was done, as shells number it for Ctrl-C.</summary>
    public const int Interrupted = 130;
}
