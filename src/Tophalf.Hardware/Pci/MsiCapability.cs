using System.Numerics;
using Tophalf.Hardware.Controllers;

namespace Tophalf.Hardware.Pci;

/// <summary>
/// MSI capability (PCI Local Bus 3.0 §6.8.1): one address, one data value whose low bits the function fills in, up to 32 messages.
/// <code>
///   +0  24 per-vector masking | 23 64-bit | 22..20 messages enabled (log2) | 19..17 messages capable (log2) | 16 enable | 15..8 next | 7..0 0x05
///   +4  address     64-bit: +8 upper address     then data (16 bits), and with masking: mask bits, pending bits
/// </code>
/// </summary>
public sealed class MsiCapability : IPciCapability
{
    public const int MaxMessages = 32;
    public const byte CapabilityId = 0x05;
    public const int AddressOffset = 4, UpperAddressOffset = 8, Data64Offset = 12;
    public const uint EnableBit = 1 << 16;
    private const uint Is64Bit = 1 << 23, MaskingBit = 1 << 24;

    private readonly InterruptFabric _fabric;
    private readonly ushort _requesterId;
    private readonly int _log2Capable;
    private readonly bool _is64Bit, _hasMasks;
    private uint _address, _upperAddress, _data, _masks, _pending;
    private int _log2Enabled;

    /// <param name="messages">Messages the function can send: 1, 2, 4, 8, 16 or 32.</param>
    /// <param name="is64Bit">It has an upper address register.</param>
    /// <param name="hasMasks">It has a mask and a pending bit per message.</param>
    /// <param name="fabric">Where its messages go.</param>
    /// <param name="requesterId">Bus, device and function its writes carry.</param>
    public MsiCapability(int messages, bool is64Bit, bool hasMasks, InterruptFabric fabric, ushort requesterId = 0)
    {
        if (messages is < 1 or > MaxMessages || !BitOperations.IsPow2(messages))
            throw new ArgumentOutOfRangeException(nameof(messages), messages, "an MSI function has 1, 2, 4, 8, 16 or 32 messages");
        _log2Capable = BitOperations.Log2((uint)messages);
        _is64Bit = is64Bit;
        _hasMasks = hasMasks;
        _fabric = fabric;
        _requesterId = requesterId;
    }

    public byte Id => CapabilityId;
    public int Size => DataOffset + (_hasMasks ? 12 : 4);
    public bool IsEnabled { get; private set; }

    /// <summary>Messages software has allotted; the function shares them out among its causes.</summary>
    public int Messages => 1 << _log2Enabled;

    public long Sent { get; private set; }

    private int DataOffset => _is64Bit ? Data64Offset : UpperAddressOffset;
    private int MaskOffset => DataOffset + 4;
    private int PendingOffset => DataOffset + 8;
    private uint VectorBits => (uint)((1ul << (1 << _log2Capable)) - 1);

    public bool IsPending(int message) => (_pending >> message & 1) != 0;

    public uint Read32(int offset)
    {
        if (offset == 0)
        {
            return Id | (IsEnabled ? EnableBit : 0) | (uint)_log2Capable << 17 | (uint)_log2Enabled << 20 | (_is64Bit ? Is64Bit : 0) | (_hasMasks ? MaskingBit : 0);
        }
        if (offset == AddressOffset) return _address;
        if (offset == UpperAddressOffset && _is64Bit) return _upperAddress;
        if (offset == DataOffset) return _data;
        if (_hasMasks && offset == MaskOffset) return _masks;
        return _hasMasks && offset == PendingOffset ? _pending : 0;
    }

    public void Write32(int offset, uint value, long nowPs)
    {
        if (offset == 0) WriteControl(value, nowPs);
        else if (offset == AddressOffset) _address = value & ~3u;
        else if (offset == UpperAddressOffset && _is64Bit) _upperAddress = value;
        else if (offset == DataOffset) _data = value & 0xFFFF;
        else if (_hasMasks && offset == MaskOffset)
        {
            Reserve(value & ~VectorBits, offset, nowPs);
            _masks = value & VectorBits;
            Replay(nowPs);
        }
        else _fabric.Events?.Report(new HardwareEvent(nowPs, HardwareEventKind.ReadOnlyWritten, "PCI function", "MSI capability", (uint)offset, value));
    }

    /// <summary>More messages than the function is capable of, or one of the two reserved codes, allot all it has.</summary>
    private void WriteControl(uint value, long nowPs)
    {
        int log2 = (int)(value >> 20 & 7);
        if (log2 > _log2Capable) Reserve(value & 7u << 20, 0, nowPs);
        _log2Enabled = Math.Min(log2, _log2Capable);
        IsEnabled = (value & EnableBit) != 0;
        Replay(nowPs);
    }

    private void Reserve(uint bits, int offset, long nowPs)
    {
        if (bits != 0) _fabric.Events?.Report(new HardwareEvent(nowPs, HardwareEventKind.ReservedBits, "PCI function", "MSI capability", (uint)offset, bits));
    }

    /// <summary>The function wants attention for a cause; causes beyond the allotted messages share them.</summary>
    public void Raise(int cause, long nowPs)
    {
        if (!IsEnabled) return;
        int message = cause & (Messages - 1);
        if ((_masks >> message & 1) != 0) _pending |= 1u << message;
        else Send(message, nowPs);
    }

    private void Replay(long nowPs)
    {
        uint ready = IsEnabled ? _pending & ~_masks : 0;
        _pending &= ~ready;
        for (; ready != 0; ready &= ready - 1) Send(BitOperations.TrailingZeroCount(ready), nowPs);
    }

    private void Send(int message, long nowPs)
    {
        var write = new MsiMessage((ulong)_upperAddress << 32 | _address, _data & ~(uint)(Messages - 1) | (uint)message);
        if (!write.IsInterrupt)
        {
            _fabric.Events?.Report(new HardwareEvent(nowPs, HardwareEventKind.NoTarget, "PCI function", "MSI message", write.Address, write.Data));
            return;
        }
        Sent++;
        _fabric.SendDeviceWrite(_requesterId, write, nowPs);
    }
}
