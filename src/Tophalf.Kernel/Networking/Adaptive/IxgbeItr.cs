namespace Tophalf.Kernel.Networking.Adaptive;

/// <summary>
/// rx-usecs 1 of ixgbe (ixgbe_update_itr and ixgbe_set_itr in ixgbe_main.c): a gap of 10 to 126 us for each direction, of which the shorter holds. Few packets
/// mean latency and a gap by their size; more of them nudge the gap until an interrupt brings 48 to 95.
/// </summary>
public sealed class IxgbeItr : AdaptiveItr
{
    /// <summary>IXGBE_20K_ITR: what a vector begins with, microseconds shifted by two.</summary>
    public const uint Start = 200;

    private const int MinUsecs = 10, MaxUsecs = 126, Increment = 2;

    /// <summary>The flag that a direction is in latency mode, above its microseconds.</summary>
    private const int Latency = 0x80;

    private readonly bool _isTenGigabit;
    private readonly Direction _rx = new(), _tx = new();

    /// <param name="isTenGigabit">10 Gb/s, or 100 Mb/s, where the counter ticks slower; 1 and 2.5 Gb/s have other gaps.</param>
    /// <param name="jiffies">When the rings were set up.</param>
    public IxgbeItr(bool isTenGigabit, long jiffies)
    {
        _isTenGigabit = isTenGigabit;
        _rx.NextUpdate = _tx.NextUpdate = jiffies + 1;
        RxRegister = TxRegister = Start;
    }

    /// <summary>Microseconds of each direction, without the flag.</summary>
    public int RxUsecs => _rx.Itr & ~Latency;
    public int TxUsecs => _tx.Itr & ~Latency;

    protected override void Evaluate(in ItrWork work, long jiffies)
    {
        UpdateDirection(_tx, work.TxPackets, work.TxBytes, jiffies);
        UpdateDirection(_rx, work.RxPackets, work.RxBytes, jiffies);
        // The smaller value with its flag decides, so latency mode on both sides hides nothing, and on one side yields to the other.
        RxRegister = TxRegister = (uint)(Math.Min(_rx.Itr, _tx.Itr) & ~Latency) << 2;
    }

    private void UpdateDirection(Direction direction, int packets, int bytes, long jiffies)
    {
        // Not looked at for more than a jiffy: too little came to measure, or so much that polling regulates.
        direction.Itr = jiffies > direction.NextUpdate ? MinUsecs | Latency : Measured(direction.Itr, packets, bytes);
        direction.NextUpdate = jiffies + 1;
    }

    private int Measured(int before, int packets, int bytes)
    {
        int current = (int)(RxRegister >> 2);
        int slower = Math.Min(current + Increment, MaxUsecs);
        return packets switch
        {
            0 => slower + (before & Latency),
            < 4 when bytes < 9000 => Latency + BySize(bytes / packets, isLatency: true),
            < 48 => slower,
            < 96 => current,
            < 256 => Math.Max(current / 2, MinUsecs),
            _ => BySize(bytes / packets, isLatency: false),
        };
    }

    /// <summary>About the time a default socket buffer takes to fill: (170 · (size + 24)) / (size + 640) us, in pieces of straight line, times 256.</summary>
    private int BySize(int size, bool isLatency)
    {
        int scaled = size switch
        {
            <= 60 => 5120,
            <= 316 => size * 40 + 2720,
            <= 1084 => size * 15 + 11452,
            < 1968 => size * 5 + 22420,
            _ => 32256,
        };
        if (isLatency) scaled /= 2;
        if (_isTenGigabit) return RoundedUp(scaled, Increment * 256) * Increment;
        return RoundedUp(Math.Min(scaled, 8064), Increment * 64) * Increment;
    }

    private static int RoundedUp(int value, int unit) => (value + unit - 1) / unit;

    private sealed class Direction
    {
        public int Itr = MaxUsecs | Latency;
        public long NextUpdate;
    }
}
