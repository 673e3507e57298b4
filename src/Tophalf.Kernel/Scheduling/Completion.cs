namespace Tophalf.Kernel.Scheduling;

/// <summary>Something that happens once and that a process may wait for (include/linux/completion.h).</summary>
public sealed class Completion(Kernel kernel)
{
    public bool IsDone { get; private set; }

    internal ProcessTask? Waiter { get; set; }

    /// <summary>complete: it has happened; who waits goes on.</summary>
    public void Complete()
    {
        IsDone = true;
        if (Waiter is { } waiter) kernel.Wake(waiter, kernel.CurrentCpu ?? waiter.Cpu, kernel.Irqs.NowPs);
    }
}
