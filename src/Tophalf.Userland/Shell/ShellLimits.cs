namespace Tophalf.Userland.Shell;

/// <summary>How much one run of a script may do; scripts come from strangers.</summary>
internal static class ShellLimits
{
    public const int ScriptLength = 1 << 20;

    /// <summary>Characters of one output stream, pipe or command substitution.</summary>
    public const int OutputLength = 16 << 20;

    /// <summary>Turns of all loops of a run together.</summary>
    public const int LoopTurns = 1_000_000;

    /// <summary>Simple commands of a run.</summary>
    public const int Commands = 10_000_000;

    /// <summary>Commands within commands: compound commands, function calls, <c>eval</c>s and command substitutions, each a level.</summary>
    public const int ExecutionDepth = 400;

    /// <summary>Characters in one expanded word.</summary>
    public const int WordLength = 16 << 20;

    /// <summary>Words in one expanded command.</summary>
    public const int Words = 1 << 20;
}
