namespace Tophalf.Userland.Shell;

/// <summary>What is under way after a command: nothing, or a jump out of what surrounds it.</summary>
internal enum Jump { None, Break, Continue, Return, Exit }

/// <summary>The jump under way in one (sub)shell; <see cref="Levels"/> counts the loops still to leave.</summary>
internal sealed class ControlFlow
{
    public Jump Jump { get; private set; }

    public int Levels { get; private set; }

    /// <summary>Loops around the command now running, in this function.</summary>
    public int LoopDepth { get; set; }

    /// <summary>Functions around the command now running.</summary>
    public int FunctionDepth { get; set; }

    public void Start(Jump jump, int levels = 0) => (Jump, Levels) = (jump, levels);

    /// <summary>Called by a loop whose body has ended; true: leave the loop.</summary>
    public bool LeavesLoop()
    {
        if (Jump is not (Jump.Break or Jump.Continue))
            return Jump != Jump.None;
        if (--Levels > 0)
            return true;
        bool leaves = Jump == Jump.Break;
        Jump = Jump.None;
        return leaves;
    }

    /// <summary>Called where a function ends.</summary>
    public void EndFunction()
    {
        if (Jump == Jump.Return)
            Jump = Jump.None;
    }
}
