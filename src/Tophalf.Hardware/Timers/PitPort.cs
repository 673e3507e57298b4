namespace Tophalf.Hardware.Timers;

/// <summary>
/// How software reaches one counter of the 8254 through an eight-bit port: which bytes are read and written, and the two latches
/// (data sheet, "Read operations"). A latch holds until it is read or the counter is programmed anew.
/// </summary>
internal sealed class PitPort
{
    private const int LowOnly = 1, HighOnly = 2, LowThenHigh = 3;

    private int _access = LowThenHigh;
    private bool _highIsNextRead, _highIsNextWrite;
    private byte _lowWritten;
    private int _latchedBytes, _latched;
    private bool _statusIsLatched;
    private byte _status;

    public PitChannel Channel { get; } = new();

    public void WriteControl(byte control, long tick)
    {
        int access = control >> 4 & 3;
        if (access == 0)
        {
            LatchCount(tick);
            return;
        }
        _access = access;
        _highIsNextRead = _highIsNextWrite = _statusIsLatched = false;
        _latchedBytes = 0;
        int mode = control >> 1 & 7;
        Channel.Program(mode > 5 ? mode - 4 : mode, (control & 1) != 0, tick);
    }

    public void LatchCount(long tick)
    {
        if (_latchedBytes != 0) return;
        _latched = Channel.ReadCount(tick);
        _latchedBytes = _access;
    }

    public void LatchStatus(long tick)
    {
        if (_statusIsLatched) return;
        _statusIsLatched = true;
        _status = (byte)((Channel.IsHigh(tick) ? 0x80 : 0) | (Channel.IsNullCount(tick) ? 0x40 : 0) | _access << 4 | Channel.Mode << 1
            | (Channel.IsDecimal ? 1 : 0));
    }

    public byte Read(long tick)
    {
        if (_statusIsLatched)
        {
            _statusIsLatched = false;
            return _status;
        }
        if (_latchedBytes != 0)
        {
            bool low = (_latchedBytes & LowOnly) != 0;
            _latchedBytes = low ? _latchedBytes & HighOnly : 0;
            return (byte)(low ? _latched : _latched >> 8);
        }
        int count = Channel.ReadCount(tick);
        bool high = _access == HighOnly || (_access == LowThenHigh && _highIsNextRead);
        _highIsNextRead = _access == LowThenHigh && !_highIsNextRead;
        return (byte)(high ? count >> 8 : count);
    }

    public void Write(byte value, long tick)
    {
        switch (_access)
        {
            case LowOnly:
                Channel.SetCount(value, tick);
                break;
            case HighOnly:
                Channel.SetCount(value << 8, tick);
                break;
            default:
                if (_highIsNextWrite) Channel.SetCount(value << 8 | _lowWritten, tick);
                else Channel.BeginCount(tick);
                _lowWritten = value;
                _highIsNextWrite = !_highIsNextWrite;
                break;
        }
    }
}
