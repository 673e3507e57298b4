using Tophalf.Kernel.BottomHalves;

namespace Tophalf.Kernel.Scheduling;

/// <summary>Kernel code in process context that sleeps at every <c>yield return</c>: a system call, for example.</summary>
internal sealed class ProcessTask : CodeTask
{
    private readonly Kernel _kernel;
    private readonly IEnumerator<Sleep> _steps;
    private readonly Action _over;
    private Sleep? _sleep;
    private bool _asleep;

    public ProcessTask(Kernel kernel, string comm, IEnumerable<Sleep> steps) : base(comm, kernel.OnlineMask)
    {
        _kernel = kernel;
        _steps = steps.GetEnumerator();
        _over = Over;
    }

    /// <summary>The last step has been made.</summary>
    public bool IsDone { get; private set; }

    protected override bool Next(Cpu cpu)
    {
        if (_asleep || IsDone) return false;
        if (_sleep is { } sleep)
        {
            _sleep = null;
            _asleep = true;
            _asleep = sleep.Begin(_kernel, _over);
            if (_asleep) return false;
        }
        IsDone = !_steps.MoveNext();
        _sleep = IsDone ? null : _steps.Current;
        return !IsDone;
    }

    private void Over()
    {
        _asleep = false;
        _kernel.Wake(this, _kernel.ThisCpu, _kernel.LocalNowPs);
    }
}
