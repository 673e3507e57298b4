using Tophalf.Simulation;

namespace Tophalf.Hardware.Timers;

/// <summary>
/// One comparator of the HPET (IA-PC HPET specification 1.0a, §2.3.8 to §2.3.10).
/// <code>
///   configuration  1 level | 2 interrupt enable | 3 periodic | 4 can be periodic (RO) | 5 64 bits wide (RO) | 6 next write sets the accumulator
///                  8 use 32 bits only | 13..9 route | 14 deliver by message | 15 can deliver by message (RO) | 63..32 routes allowed (RO)
/// </code>
/// </summary>
internal sealed class HpetTimer
{
    public const ulong Level = 1 << 1, Enable = 1 << 2, Periodic = 1 << 3, CanBePeriodic = 1 << 4, Is64Bit = 1 << 5, SetsAccumulator = 1 << 6;
    public const ulong Only32Bit = 1 << 8, ByMessage = 1 << 14, CanSendMessage = 1 << 15;
    private const int RouteShift = 9;
    private const ulong RouteMask = 0x1F << RouteShift;
    private const ulong Writable = Level | Enable | Periodic | SetsAccumulator | Only32Bit | RouteMask | ByMessage;

    public HpetTimer(uint allowedRoutes, bool canSendMessages, CallbackEvent match)
    {
        Match = match;
        Configuration = CanBePeriodic | Is64Bit | (canSendMessages ? CanSendMessage : 0) | (ulong)allowedRoutes << 32;
    }

    /// <summary>Waits for the comparator to be reached.</summary>
    public CallbackEvent Match { get; }

    public ulong Configuration { get; private set; }
    public ulong Comparator { get; private set; } = ulong.MaxValue;
    public ulong Message { get; set; }

    /// <summary>What is added to the comparator at each match of a periodic timer.</summary>
    public ulong Period { get; private set; }

    /// <summary>The status bit of a level-triggered timer.</summary>
    public bool IsPending { get; set; }

    /// <summary>Level of the line as it was driven last, and where that line ends; -1 for one of the legacy lines.</summary>
    public bool LineIsActive { get; set; }
    public int LineRoute { get; set; }

    public bool Has(ulong bit) => (Configuration & bit) != 0;
    public int Route => (int)((Configuration & RouteMask) >> RouteShift);
    public ulong Width => Has(Only32Bit) ? uint.MaxValue : ulong.MaxValue;

    /// <summary>Counts until the comparator is reached, 1 to the width of the comparator.</summary>
    public ulong CountsUntilMatch(ulong counter) => ((Comparator - counter - 1) & Width) switch { ulong.MaxValue => ulong.MaxValue, ulong less => less + 1 };

    /// <summary>The comparator was reached: a periodic timer moves it on, past <paramref name="counter"/>.</summary>
    public void Advance(ulong counter)
    {
        if (!Has(Periodic) || Period == 0) return;
        ulong behind = (counter - Comparator) & Width;
        Comparator = (Comparator + (behind / Period + 1) * Period) & Width;
    }

    /// <summary>Writes the bits under <paramref name="mask"/>. A route the timer cannot take reads back as the old one.</summary>
    public void WriteConfiguration(ulong value, ulong mask)
    {
        mask &= Writable;
        if (!Has(CanSendMessage)) mask &= ~ByMessage;
        ulong written = (Configuration & ~mask) | (value & mask);
        int route = (int)((written & RouteMask) >> RouteShift);
        if ((Configuration >> (32 + route) & 1) == 0) written = (written & ~RouteMask) | (Configuration & RouteMask);
        Configuration = written;
        Comparator &= Width;
        Period &= Width;
    }

    /// <summary>
    /// Writes the comparator. On a periodic timer this is the period, and also the accumulator if bit 6 of the configuration says so, once.
    /// </summary>
    public void WriteComparator(ulong value, ulong mask)
    {
        mask &= Width;
        if (!Has(Periodic) || Has(SetsAccumulator)) Comparator = (Comparator & ~mask) | (value & mask);
        if (Has(Periodic)) Period = (Period & ~mask) | (value & mask);
        Configuration &= ~SetsAccumulator;
    }
}
