namespace Tophalf.Kernel.BottomHalves;

/// <summary>What a timer is set up with (include/linux/timer.h), with the kernel's values.</summary>
[Flags]
public enum TimerFlags : uint
{
    None = 0,

    /// <summary>Does not wake a processor that idles: it waits for the next tick that comes anyway.</summary>
    Deferrable = 0x8_0000,

    /// <summary>Stays on the processor that armed it.</summary>
    Pinned = 0x10_0000,

    /// <summary>Its function runs with interrupts off.</summary>
    IrqSafe = 0x20_0000,
}

/// <summary>
/// struct timer_list: a function that runs once, in softirq context, when jiffies has reached <see cref="Expires"/> or up to one granule
/// of its wheel level later. Made by what the kernel calls timer_setup; the timer is its own argument.
/// </summary>
public sealed class TimerList(Action<TimerList> function, TimerFlags flags = TimerFlags.None)
{
    public TimerFlags Flags { get; } = flags;

    /// <summary>The jiffy asked for.</summary>
    public long Expires { get; internal set; }

    /// <summary>timer_pending: armed, and its function not begun.</summary>
    public bool IsPending => Base is { } && Bucket >= 0;

    /// <summary>Its function is running, or has run and its time is passing.</summary>
    public bool IsRunning => Base?.Running == this;

    /// <summary>Times its function ran.</summary>
    public long Runs { get; private set; }

    /// <summary>timer_shutdown: it can never be armed again.</summary>
    public bool IsShutDown { get; internal set; }

    /// <summary>Called when the function that runs is through, for those who wait in timer_delete_sync.</summary>
    internal Action? Idle { get; set; }

    /// <summary>The wheel it was last armed in, its bucket there (-1: none), and its neighbours in the bucket.</summary>
    internal TimerBase? Base { get; set; }
    internal int Bucket { get; set; } = -1;
    internal TimerList? Next { get; set; }
    internal TimerList? Previous { get; set; }

    internal void Run()
    {
        Runs++;
        function(this);
    }
}
