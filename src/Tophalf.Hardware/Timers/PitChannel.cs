namespace Tophalf.Hardware.Timers;

/// <summary>
/// One counter of the 8254: the count register, the counting element, GATE and OUT. Nothing is counted: a load remembers its clock pulse, and
/// what the counter shows is worked out when somebody looks.
/// </summary>
internal sealed class PitChannel
{
    private const int BinaryModulus = 0x1_0000, DecimalModulus = 10_000;

    private int _mode = 3;
    private int _count = BinaryModulus, _waitingCount;
    private bool _isDecimal, _isProgrammed, _gate = true, _isArmed, _highBefore;
    private long _loadTick, _frozenElapsed, _waitingSinceTick;
    private int _shownBefore;

    public int Mode => _mode;
    public bool IsDecimal => _isDecimal;
    private int Modulus => _isDecimal ? DecimalModulus : BinaryModulus;
    private bool WantsTrigger => _mode is 1 or 5;

    /// <summary>GATE low stops modes 0, 2, 3 and 4; modes 1 and 5 only look for its rise.</summary>
    private bool IsFrozen => !_gate && !WantsTrigger;

    /// <summary>A control word: OUT takes the mode's first level and nothing counts before a count is written.</summary>
    public void Program(int mode, bool isDecimal, long tick)
    {
        _shownBefore = ShownCount(tick);
        _mode = mode;
        _isDecimal = isDecimal;
        _isProgrammed = false;
        _isArmed = false;
        _waitingCount = 0;
    }

    /// <summary>The first of two bytes of a count: mode 0 stops and pulls OUT low until the second comes.</summary>
    public void BeginCount(long tick)
    {
        if (_mode != 0) return;
        _shownBefore = ShownCount(tick);
        _isProgrammed = false;
    }

    /// <summary>The whole count. It is loaded on the next clock pulse, at the end of the cycle that is running, or by the next trigger, as the mode has it.</summary>
    /// <param name="written">Two bytes as written; 0 is the largest count.</param>
    /// <param name="tick">The pulse that has passed last.</param>
    public void SetCount(int written, long tick)
    {
        Settle(tick);
        int count = _isDecimal ? FromDecimalDigits(written) : written;
        if (count == 0) count = Modulus;
        if (_isProgrammed && _mode is 2 or 3 && tick >= _loadTick)
        {
            _waitingCount = count;
            _waitingSinceTick = tick;
            return;
        }
        if (WantsTrigger && _isArmed)
        {
            _waitingCount = count;
            return;
        }
        _shownBefore = ShownCount(tick);
        _count = count;
        _isProgrammed = true;
        Load(tick);
    }

    public void SetGate(bool high, long tick)
    {
        if (high == _gate) return;
        Settle(tick);
        if (!high && !WantsTrigger) _frozenElapsed = Math.Max(Elapsed(tick), 0);
        _gate = high;
        if (!high || !_isProgrammed) return;
        if (_mode is 0 or 4)
        {
            _loadTick = tick - _frozenElapsed;
            return;
        }
        _highBefore = IsHigh(tick);
        _shownBefore = ShownCount(tick);
        if (_waitingCount != 0) _count = _waitingCount;
        _waitingCount = 0;
        _isArmed = WantsTrigger;
        _loadTick = tick + 1;
    }

    public bool IsHigh(long tick)
    {
        Settle(tick);
        if (!_isProgrammed || (WantsTrigger && !_isArmed)) return _mode != 0;
        if (IsFrozen && _mode is 2 or 3) return true;
        if (WantsTrigger && tick < _loadTick) return _highBefore; // a one-shot that is triggered again stays low
        return PitCounting.IsHigh(_mode, _count, Elapsed(tick));
    }

    /// <summary>The pulse at which OUT changes next; <see cref="PitCounting.Never"/> if it stays as it is.</summary>
    public long NextChange(long tick)
    {
        Settle(tick);
        if (!_isProgrammed || IsFrozen || (WantsTrigger && !_isArmed)) return PitCounting.Never;
        long next = PitCounting.NextChange(_mode, _count, Elapsed(tick));
        if (next == PitCounting.Never) return next;
        // A count that waits takes over at the end of the cycle, from where on the changes are its own.
        if (_waitingCount != 0 && !WantsTrigger) next = Math.Min(next, PitCounting.EndOfCycle(_mode, _count, Elapsed(tick)));
        return _loadTick + next;
    }

    /// <summary>What the counting element shows, in the form it is read: binary, or four decimal digits.</summary>
    public int ReadCount(long tick)
    {
        Settle(tick);
        int count = ShownCount(tick);
        return _isDecimal ? ToDecimalDigits(count) : count;
    }

    /// <summary>Null count: what was written last has not reached the counting element.</summary>
    public bool IsNullCount(long tick)
    {
        Settle(tick);
        if (!_isProgrammed || _waitingCount != 0) return true;
        return WantsTrigger ? !_isArmed || tick < _loadTick : tick < _loadTick;
    }

    private void Load(long tick)
    {
        _loadTick = tick + 1;
        _frozenElapsed = 0;
        _waitingCount = 0;
    }

    private long Elapsed(long tick) => IsFrozen ? _frozenElapsed : tick - _loadTick;

    private int ShownCount(long tick)
    {
        bool counts = _isProgrammed && (!WantsTrigger || _isArmed) && Elapsed(tick) >= 0;
        return counts ? PitCounting.Count(_mode, _count, Elapsed(tick), Modulus) : _shownBefore;
    }

    /// <summary>Lets a count that waited for the end of a cycle take over, if that has come.</summary>
    private void Settle(long tick)
    {
        if (_waitingCount == 0 || WantsTrigger || IsFrozen) return;
        long end = PitCounting.EndOfCycle(_mode, _count, _waitingSinceTick - _loadTick);
        if (tick < _loadTick + end) return;
        bool lowHalfFollows = _mode == 3 && end % _count != 0;
        _loadTick += end;
        _count = _waitingCount;
        _waitingCount = 0;
        if (lowHalfFollows) _loadTick -= PitCounting.HighHalf(_count);
    }

    private static int FromDecimalDigits(int digits) => (digits >> 12) * 1000 + (digits >> 8 & 15) * 100 + (digits >> 4 & 15) * 10 + (digits & 15);

    private static int ToDecimalDigits(int count) => count / 1000 % 10 << 12 | count / 100 % 10 << 8 | count / 10 % 10 << 4 | count % 10;
}
