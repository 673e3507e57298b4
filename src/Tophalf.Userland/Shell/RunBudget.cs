namespace Tophalf.Userland.Shell;

/// <summary>What one run has used of <see cref="ShellLimits"/>; shared by its subshells.</summary>
internal sealed class RunBudget
{
    private int _turns;
    private int _commands;
    private int _depth;

    public void LoopTurn()
    {
        if (++_turns > ShellLimits.LoopTurns)
            throw new RunLimitException($"more than {ShellLimits.LoopTurns} turns of loops");
    }

    public void Command()
    {
        if (++_commands > ShellLimits.Commands)
            throw new RunLimitException($"more than {ShellLimits.Commands} commands");
    }

    public void Enter()
    {
        if (++_depth > ShellLimits.ExecutionDepth)
            throw new RunLimitException($"commands nested deeper than {ShellLimits.ExecutionDepth}");
    }

    public void Leave() => _depth--;

    /// <summary>Back to the start of a command after an error was caught on the way out of nested ones.</summary>
    public int Depth
    {
        get => _depth;
        set => _depth = value;
    }
}
