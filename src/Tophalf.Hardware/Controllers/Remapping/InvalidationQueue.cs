using Tophalf.Hardware.Memory;
using static Tophalf.Hardware.Controllers.Remapping.RemappingRegisters;

namespace Tophalf.Hardware.Controllers.Remapping;

/// <summary>
/// The ring in memory through which software tells the unit to forget cached entries (VT-d specification, ch. 6). Software writes
/// descriptors and moves the tail; the unit works them off in order and moves the head. In this model it does so at once.
/// A bad descriptor or tail sets the queue error of the fault status and the head stays on it until software clears the error.
/// </summary>
internal sealed class InvalidationQueue(PhysicalMemory memory, InterruptEntryCache cache, FaultRecording faults, EventMessage completionEvent)
{
    private uint _head, _tail;
    private ulong _address;
    private bool _enabled;

    public EventMessage Event { get; } = completionEvent;

    /// <summary>ICS bit 0: a wait descriptor with the interrupt flag was reached. Written 1 to clear.</summary>
    public uint Completion { get; private set; }

    /// <summary>IQH: byte offset of the next descriptor. Zero whenever the queue is off.</summary>
    public uint Head => _head;

    /// <summary>IQT: byte offset behind the last descriptor.</summary>
    public uint Tail => _tail;

    /// <summary>IQA: 63..12 base, 2..0 size: 256 × 2^size descriptors. Not to be changed while the queue is on.</summary>
    public ulong Address
    {
        get => _address;
        set => _address = value & 0xFFFF_FFFF_FFFF_F007;
    }

    private uint Bytes => 4096u << (int)(_address & 7);

    public void Enable(bool on, long nowPs)
    {
        if (on == _enabled) return;
        _enabled = on;
        _head = 0;
        Run(nowPs);
    }

    public void WriteTail(uint value, long nowPs)
    {
        _tail = value & 0x7_FFF0;
        Run(nowPs);
    }

    public void WriteCompletion(uint value)
    {
        if ((value & WaitComplete) == 0) return;
        Completion = 0;
        Event.Withdraw();
    }

    /// <summary>Works until head meets tail. Also called when software cleared the error, to go on where the queue stopped.</summary>
    public void Run(long nowPs)
    {
        while (_enabled && !faults.QueueFailed && _head != _tail)
        {
            if (_tail >= Bytes || _head >= Bytes || !TryExecute(nowPs))
            {
                faults.FailQueue(nowPs);
                return;
            }
            _head = (_head + InvalidationDescriptor.Size) % Bytes;
        }
    }

    private bool TryExecute(long nowPs)
    {
        ulong at = (_address & ~0xFFFul) + _head;
        if (!memory.Holds(at, InvalidationDescriptor.Size)) return false;
        var order = new InvalidationDescriptor(memory.Read64(at), memory.Read64(at + 8));
        if (!order.IsValid) return false;
        switch (order.Type)
        {
            case InvalidationType.InterruptEntryCache when order.IsSelective: cache.Invalidate(order.Index, order.Log2Count); break;
            case InvalidationType.InterruptEntryCache: cache.InvalidateAll(); break;
            case InvalidationType.Wait: Wait(order, nowPs); break;
                // The DMA types are legal and find no cache to clear.
        }
        return true;
    }

    private void Wait(in InvalidationDescriptor order, long nowPs)
    {
        if (order.WritesStatus && memory.Holds(order.StatusAddress, 4)) memory.Write32(order.StatusAddress, order.StatusData);
        if (!order.Interrupts || Completion != 0) return;
        Completion = WaitComplete;
        Event.Raise(nowPs);
    }
}
