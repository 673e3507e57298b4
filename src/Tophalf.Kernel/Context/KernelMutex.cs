namespace Tophalf.Kernel.Context;

/// <summary>
/// A sleeping lock (kernel/locking/mutex.c), as far as the context it is taken in goes: code runs in one go, so it is never found held but by what this code
/// interrupted, and waiting for that in atomic context is a sleep that nobody ends.
/// </summary>
public sealed class KernelMutex(Kernel kernel)
{
    public bool IsLocked { get; private set; }

    /// <summary>mutex_lock.</summary>
    public void Lock()
    {
        kernel.MightSleepAt("kernel/locking/mutex.c", 283, "__might_resched", "mutex_lock");
        if (IsLocked)
        {
            kernel.Schedule();
            kernel.SpinForever();
        }
        IsLocked = true;
    }

    /// <summary>mutex_trylock.</summary>
    public bool TryLock() => !IsLocked && (IsLocked = true);

    /// <summary>mutex_unlock.</summary>
    public void Unlock() => IsLocked = false;
}
