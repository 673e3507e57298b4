namespace Tophalf.Kernel.Networking.Adaptive;

/// <summary>
/// adaptive-rx and adaptive-tx of i40e (i40e_update_itr and i40e_update_enable_itr in i40e_txrx.c): each direction has a gap of 2 to 126 us that it aims at; writing one
/// makes the device interrupt at once, so only one is written with an interrupt, and none in the next two.
/// </summary>
public sealed class I40eItr : AdaptiveItr
{
    /// <summary>I40E_ITR_20K, in microseconds.</summary>
    public const int Start = 50;

    private const int MinUsecs = 2, MaxUsecs = 126, Increment = 2, Countdown = 3;
    private const int Latency = 0x8000, UsecsMask = 0x1FFE;

    private readonly Direction _rx, _tx;
    private readonly int _divisor;
    private int _countdown;

    public I40eItr(bool adaptsRx, bool adaptsTx, int rxUsecs, int txUsecs, long bitsPerSecond, long jiffies)
    {
        _rx = new Direction(isRx: true, adaptsRx, rxUsecs, jiffies);
        _tx = new Direction(isRx: false, adaptsTx, txUsecs, jiffies);
        _divisor = Increment * bitsPerSecond switch
        {
            >= 40_000_000_000 => 1024,
            >= 20_000_000_000 => 512,
            >= 10_000_000_000 => 256,
            _ => 32,
        };
        Publish();
    }

    protected override void Evaluate(in ItrWork work, long jiffies)
    {
        Aim(_tx, work.TxPackets, work.TxBytes, jiffies);
        Aim(_rx, work.RxPackets, work.RxBytes, jiffies);
        // A shorter gap goes first, receive before transmit; then the direction that has farther to go.
        if (_rx.Target < _rx.Current) Write(_rx);
        else if (_tx.Target < _tx.Current || _rx.Target - _rx.Current < _tx.Target - _tx.Current) Write(_tx);
        else if (_rx.Target != _rx.Current) Write(_rx);
        else if (_countdown > 0) _countdown--;
        Publish();
    }

    private void Write(Direction direction)
    {
        direction.Current = direction.Target;
        _countdown = Countdown;
    }

    private void Publish()
    {
        RxRegister = (uint)(_rx.Current & UsecsMask) / 2;
        TxRegister = (uint)(_tx.Current & UsecsMask) / 2;
    }

    private void Aim(Direction direction, int packets, int bytes, long jiffies)
    {
        if (!direction.Adapts) return;
        int atRest = (direction.IsRx ? MinUsecs : MaxUsecs) | Latency;
        if (jiffies > direction.NextUpdate) direction.Target = atRest;
        else if (_countdown == 0) direction.Target = Measured(direction, atRest, packets, bytes);
        direction.NextUpdate = jiffies + 1;
    }

    private int Measured(Direction direction, int atRest, int packets, int bytes)
    {
        if (direction.IsRx)
        {
            if (packets is > 0 and < 4 && bytes < 9000 && (_tx.Target & Latency) != 0) return BySize(bytes / packets, Latency);
        }
        else if (packets < 4)
        {
            if (direction.Target == MaxUsecs && (_rx.Target & UsecsMask) == MaxUsecs) return atRest;
        }
        else if (packets > 32) direction.Target &= ~Latency;

        if (packets < 56) return Limited(direction.Target + Increment);
        if (packets > 256) return BySize(bytes / packets, 0);
        int shorter = Math.Min(_tx.Current, _rx.Current) & UsecsMask;
        return packets <= 112 ? shorter : Math.Max(shorter / 2 & UsecsMask, MinUsecs);
    }

    private int BySize(int size, int flag)
    {
        int scaled = size switch
        {
            <= 60 => 4096,
            <= 380 => size * 40 + 1696,
            <= 1084 => size * 15 + 11452,
            <= 1980 => size * 5 + 22420,
            _ => 32256,
        };
        if (flag != 0) scaled /= 2;
        return Limited(flag + (scaled + _divisor - 1) / _divisor * Increment);
    }

    private static int Limited(int itr) => (itr & UsecsMask) > MaxUsecs ? (itr & Latency) + MaxUsecs : itr;

    private sealed class Direction(bool isRx, bool adapts, int usecs, long jiffies)
    {
        public readonly bool IsRx = isRx, Adapts = adapts;
        public int Target = (usecs + 1) / 2 * 2, Current = (usecs + 1) / 2 * 2;
        public long NextUpdate = jiffies + 1;
    }
}
