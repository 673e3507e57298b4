using static Tophalf.Hardware.Controllers.Remapping.RemappingRegisters;

namespace Tophalf.Hardware.Controllers.Remapping;

/// <summary>Where a unit's own interrupts go; they are not remapped.</summary>
public delegate void InterruptSender(in InterruptMessage message, long nowPs);

/// <summary>
/// The four registers through which a remapping unit interrupts: control (31 mask, reset 1; 30 pending, read-only), data, address and upper
/// address, whose bits 31..8 extend the destination (VT-d specification, FECTL_REG and IECTL_REG). Fault events and invalidation
/// completion events have one each.
/// </summary>
internal sealed class EventMessage(InterruptSender send)
{
    private uint _control = EventMasked, _data, _address, _upperAddress;

    /// <summary>The condition arose: send, or remember while masked.</summary>
    public void Raise(long nowPs)
    {
        if ((_control & EventMasked) != 0) _control |= EventPending;
        else Send(nowPs);
    }

    /// <summary>Software cleared the condition, so there is nothing left to tell.</summary>
    public void Withdraw() => _control &= ~EventPending;

    public uint Read(uint register) => register switch { 0 => _control, 4 => _data, 8 => _address, _ => _upperAddress };

    public void Write(uint register, uint value, long nowPs)
    {
        switch (register)
        {
            case 0: WriteControl(value, nowPs); break;
            case 4: _data = value & 0xFFFF; break;
            case 8: _address = value & ~3u; break;
            default: _upperAddress = value; break;
        }
    }

    private void WriteControl(uint value, long nowPs)
    {
        _control = (_control & EventPending) | (value & EventMasked);
        if (_control != EventPending) return;
        _control = 0;
        Send(nowPs);
    }

    private void Send(long nowPs) => send(
        new InterruptMessage(
            (byte)_data, (_address >> 12 & 0xFF) | (_upperAddress & 0xFFFF_FF00), (_address >> 2 & 1) != 0, Mode: (DeliveryMode)(_data >> 8 & 7)),
        nowPs);
}
