namespace Tophalf.Userland.Shell;

/// <summary>A bound of <see cref="ShellLimits"/> reached: it ends the whole run, subshells and all.</summary>
internal sealed class RunLimitException(string message) : Exception(message)
{
    /// <summary>Refuses text that would make one stream longer than it may get.</summary>
    public static void CheckOutput(long length)
    {
        if (length > ShellLimits.OutputLength)
            throw new RunLimitException($"output longer than {ShellLimits.OutputLength} characters");
    }
}
