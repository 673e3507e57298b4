using Tophalf.Kernel.BottomHalves;

namespace Tophalf.Kernel.Scheduling;

/// <summary>Where a thread's code sleeps. A thread that somebody wakes for another reason meanwhile looks here, and sleeps on.</summary>
internal sealed class SleepPoint
{
    private readonly Kernel _kernel;
    private readonly Action _over;

    public SleepPoint(Kernel kernel, KernelTask task)
    {
        _kernel = kernel;
        _over = () =>
        {
            IsAsleep = false;
            kernel.Wake(task, kernel.ThisCpu, kernel.LocalNowPs);
        };
    }

    public bool IsAsleep { get; private set; }

    /// <summary>Begins a sleep; false when there is nothing to wait for.</summary>
    public bool Begin(Sleep sleep)
    {
        IsAsleep = true;
        return IsAsleep = sleep.Begin(_kernel, _over);
    }
}
