using Tophalf.Kernel.BottomHalves;

namespace Tophalf.Kernel.Scheduling;

/// <summary>Kernel code in process context that sleeps at every <c>yield return</c>: a system call, for example.</summary>
public sealed class ProcessTask : CodeTask
{
    private readonly IEnumerator<Sleep> _steps;
    private readonly SleepPoint _point;
    private Sleep? _sleep;

    public ProcessTask(Kernel kernel, string comm, IEnumerable<Sleep> steps) : base(comm, kernel.OnlineMask)
    {
        _steps = steps.GetEnumerator();
        _point = new SleepPoint(kernel, this);
    }

    /// <summary>The last step has been made.</summary>
    public bool IsDone { get; private set; }

    protected override bool Next(Cpu cpu)
    {
        if (_point.IsAsleep || IsDone) return false;
        if (_sleep is { } sleep)
        {
            _sleep = null;
            if (_point.Begin(sleep)) return false;
        }
        IsDone = !_steps.MoveNext();
        _sleep = IsDone ? null : _steps.Current;
        return !IsDone;
    }
}
