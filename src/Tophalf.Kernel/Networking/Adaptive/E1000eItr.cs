using Tophalf.Hardware.Devices;

namespace Tophalf.Kernel.Networking.Adaptive;

/// <summary>
/// InterruptThrottleRate 1, 3 and 4 of e1000e (e1000_set_itr in e1000e/netdev.c): 70 000, 20 000 or 4000 interrupts a second by class; the rate falls at once
/// and rises by a quarter of the new one at a time. Mode 3, conservative, has no lowest latency.
/// </summary>
public sealed class E1000eItr : AdaptiveItr
{
    private const int StartRate = 20_000, LowestRate = 70_000, LowRate = 20_000, BulkRate = 4000;

    private readonly bool _isConservative, _isGigabit;
    private LatencyClass _rx, _tx;

    public E1000eItr(bool isConservative, bool isGigabit)
    {
        _isConservative = isConservative;
        _isGigabit = isGigabit;
        SetRate(StartRate);
    }

    /// <summary>Interrupts a second.</summary>
    public int Rate { get; private set; }

    protected override void Evaluate(in ItrWork work, long jiffies)
    {
        int rate = Rate;
        if (!_isGigabit) rate = BulkRate;
        else
        {
            _tx = Limited(LatencyClasses.Next(_tx, work.TxPackets, work.TxBytes, LatencyClasses.E1000eBulkEnds));
            _rx = Limited(LatencyClasses.Next(_rx, work.RxPackets, work.RxBytes, LatencyClasses.E1000eBulkEnds));
            rate = (LatencyClass)Math.Max((int)_rx, (int)_tx) switch { LatencyClass.Lowest => LowestRate, LatencyClass.Low => LowRate, _ => BulkRate };
        }
        if (rate != Rate) SetRate(rate > Rate ? Math.Min(Rate + rate / 4, rate) : rate);
    }

    private LatencyClass Limited(LatencyClass found) => _isConservative && found == LatencyClass.Lowest ? LatencyClass.Low : found;

    private void SetRate(int rate)
    {
        Rate = rate;
        RxRegister = TxRegister = ThrottleRegisters.ForRate(rate);
    }
}
