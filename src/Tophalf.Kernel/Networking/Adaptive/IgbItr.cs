namespace Tophalf.Kernel.Networking.Adaptive;

/// <summary>
/// rx-usecs 1 and 3 of igb (igb_main.c), in register units of a quarter microsecond. A device with one vector goes by classes of traffic (igb_set_itr),
/// one with several by the size of packets alone (igb_update_ring_itr). A link slower or faster than 1 Gb/s has 4000 interrupts a second.
/// </summary>
public sealed class IgbItr : AdaptiveItr
{
    /// <summary>IGB_START_ITR, IGB_4K_ITR, IGB_20K_ITR, IGB_70K_ITR.</summary>
    public const uint Start = 648, FourThousand = 980, TwentyThousand = 196, SeventyThousand = 56;

    private const int FrameOverhead = 24, LargestCounted = 3000;

    private readonly bool _isConservative, _isGigabit, _isSingle;
    private LatencyClass _rx, _tx;
    private uint _value = Start;

    public IgbItr(bool isConservative, bool isGigabit, bool isSingle)
    {
        _isConservative = isConservative;
        _isGigabit = isGigabit;
        _isSingle = isSingle;
        RxRegister = TxRegister = Start;
    }

    protected override void Evaluate(in ItrWork work, long jiffies)
    {
        if (!_isGigabit) _value = FourThousand;
        else if (_isSingle) ByClass(work);
        else BySize(work);
        RxRegister = TxRegister = _value;
    }

    private void ByClass(in ItrWork work)
    {
        _tx = LatencyClasses.Next(_tx, work.TxPackets, work.TxBytes, LatencyClasses.IgbBulkEnds);
        _rx = LatencyClasses.Next(_rx, work.RxPackets, work.RxBytes, LatencyClasses.IgbBulkEnds);
        var slower = (LatencyClass)Math.Max((int)_rx, (int)_tx);
        if (_isConservative && slower == LatencyClass.Lowest) slower = LatencyClass.Low;
        uint wanted = slower switch { LatencyClass.Lowest => SeventyThousand, LatencyClass.Low => TwentyThousand, _ => FourThousand };
        // The driver's formula eases a change to a longer gap, and then takes the new gap anyway where that is larger: it always is.
        _value = wanted > _value ? Math.Max(wanted * _value / (wanted + (_value >> 2)), wanted) : wanted;
    }

    private void BySize(in ItrWork work)
    {
        int size = work.RxPackets > 0 ? work.RxBytes / work.RxPackets : 0;
        if (work.TxPackets > 0) size = Math.Max(size, work.TxBytes / work.TxPackets);
        if (size == 0) return;
        size = Math.Min(size + FrameOverhead, LargestCounted);
        // Middle sizes get a shorter gap.
        _value = (uint)(size is > 300 and < 1200 ? size / 3 : size / 2);
        if (_isConservative) _value = Math.Max(_value, TwentyThousand);
    }
}
