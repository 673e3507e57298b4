using static Tophalf.Hardware.Controllers.Remapping.RemappingRegisters;

namespace Tophalf.Hardware.Controllers.Remapping;

/// <summary>
/// Primary fault logging (VT-d specification, ch. 7): fault status, the fault event and a ring of recording registers.
/// A fault goes to the next register of the ring. If that one still holds a fault, the overflow bit is set instead, and while it is set
/// nothing is recorded. An event is raised only by the first condition: as long as an older one waits for software, new ones are silent.
/// Hardware may merge faults of one requester; this unit does not.
/// </summary>
internal sealed class FaultRecording(EventMessage faultEvent)
{
    public const int Records = 8;

    private readonly FaultRecord[] _records = new FaultRecord[Records];
    private int _next, _firstPending, _pending;
    private bool _overflow;

    public EventMessage Event { get; } = faultEvent;

    /// <summary>Faults that found no register.</summary>
    public long Lost { get; private set; }

    /// <summary>The invalidation queue met something it cannot do, and rests until software clears this.</summary>
    public bool QueueFailed { get; private set; }

    /// <summary>
    /// FSTS: 15..8 register of the first pending fault, while there is one; 4 queue error; 1 pending, some register has F (read-only); 0 overflow.
    /// </summary>
    public uint Status =>
        (_pending > 0 ? (uint)_firstPending << 8 | FaultPending : 0) | (QueueFailed ? QueueError : 0) | (_overflow ? FaultOverflow : 0);

    private bool IsQuiet => !_overflow && !QueueFailed && _pending == 0;

    public void Record(in FaultRecord fault, long nowPs)
    {
        bool wasQuiet = IsQuiet;
        if (_overflow || _records[_next].IsRecorded)
        {
            _overflow = true;
            Lost++;
        }
        else
        {
            if (_pending++ == 0) _firstPending = _next;
            _records[_next] = fault;
            _next = (_next + 1) % Records;
        }
        if (wasQuiet) Event.Raise(nowPs);
    }

    public void FailQueue(long nowPs)
    {
        bool wasQuiet = IsQuiet;
        QueueFailed = true;
        if (wasQuiet) Event.Raise(nowPs);
    }

    public void WriteStatus(uint value)
    {
        if ((value & FaultOverflow) != 0) _overflow = false;
        if ((value & QueueError) != 0) QueueFailed = false;
        if (IsQuiet) Event.Withdraw();
    }

    /// <param name="offset">Byte offset into the recording registers, a multiple of 4.</param>
    public uint ReadRecord(uint offset)
    {
        FaultRecord record = _records[offset / FaultRecord.Size];
        return (uint)(((offset & 8) == 0 ? record.Low : record.High) >> (int)(offset & 4) * 8);
    }

    /// <summary>Only F, bit 31 of the last dword, can be written, and only to clear it.</summary>
    public void WriteRecord(uint offset, uint value)
    {
        ref FaultRecord record = ref _records[offset / FaultRecord.Size];
        if ((offset & 0xC) != 0xC || value >> 31 == 0 || !record.IsRecorded) return;
        record = record.Cleared();
        _pending--;
        if (IsQuiet) Event.Withdraw();
    }
}
