using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>
/// What a softirq vector does on one processor, in steps: each runs in one go, and the time it spent passes before the next, with interrupts on.
/// </summary>
internal abstract class SoftirqAction
{
    /// <summary>The vector's turn in a pass: take what is waiting now; what comes later waits for the next raise.</summary>
    public abstract void Begin(Cpu cpu);

    /// <summary>Runs the next step; false when there is none left. Called once more after the last step's time has passed.</summary>
    public abstract bool Step(Cpu cpu);
}

/// <summary>A vector whose whole action is one function.</summary>
internal sealed class SimpleAction(Action<Cpu> function) : SoftirqAction
{
    private bool _done;

    public override void Begin(Cpu cpu) => _done = false;

    public override bool Step(Cpu cpu)
    {
        if (_done) return false;
        function(cpu);
        return _done = true;
    }
}
