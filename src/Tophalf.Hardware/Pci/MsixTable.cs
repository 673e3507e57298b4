using Tophalf.Hardware.Controllers;

namespace Tophalf.Hardware.Pci;

/// <summary>
/// MSI-X of one PCI function (PCI Express Base §6.1.4): a table of 16-byte entries — address, upper address, data, vector control —
/// and one pending bit per entry, set while the entry or the function is masked and sent on unmask.
/// <code>
///   +0 address 31..2, 1..0 zero    +4 upper address    +8 data    +12 vector control: 0 mask
/// </code>
/// </summary>
public sealed class MsixTable
{
    public const int MaxEntries = 2048, EntryBytes = 16;
    private const uint MaskBit = 1;

    private readonly uint[] _table;
    private readonly ulong[] _pending;
    private readonly InterruptFabric _fabric;
    private readonly ushort _requesterId;
    private bool _isFunctionMasked;

    /// <param name="entries">1 to 2048.</param>
    /// <param name="fabric">Where its messages go.</param>
    /// <param name="requesterId">Bus, device and function its writes carry.</param>
    public MsixTable(int entries, InterruptFabric fabric, ushort requesterId = 0)
    {
        _requesterId = requesterId;
        if (entries is < 1 or > MaxEntries) throw new ArgumentOutOfRangeException(nameof(entries), entries, $"an MSI-X table has 1 to {MaxEntries} entries");
        _table = new uint[entries * 4];
        _pending = new ulong[(entries + 63) / 64];
        _fabric = fabric;
        for (int i = 0; i < entries; i++) _table[i * 4 + 3] = MaskBit;
    }

    public int Entries => _table.Length / 4;

    /// <summary>Message Control bit 15. Off: the function does not send (it would use INTx).</summary>
    public bool IsEnabled { get; set; }

    /// <summary>Message Control bit 14.</summary>
    public bool IsFunctionMasked => _isFunctionMasked;

    /// <summary>Messages sent, for the books of the checkers.</summary>
    public long Sent { get; private set; }

    public MsiMessage this[int entry] => new(_table[entry * 4] | (ulong)_table[entry * 4 + 1] << 32, _table[entry * 4 + 2]);

    public bool IsMasked(int entry) => _isFunctionMasked || (_table[entry * 4 + 3] & MaskBit) != 0;
    public bool IsPending(int entry) => (_pending[entry >> 6] >> (entry & 63) & 1) != 0;

    /// <summary>A dword of the table; beyond its end the BAR reads as zero.</summary>
    public uint Read32(int offset)
    {
        if (IsInTable(offset)) return _table[offset >> 2];
        Report(HardwareEventKind.ReservedRead, "MSI-X table", offset, 0);
        return 0;
    }

    /// <summary>A dword write into the table; clearing a mask bit sends what is pending.</summary>
    public void Write32(int offset, uint value, long nowPs)
    {
        if (!IsInTable(offset))
        {
            Report(HardwareEventKind.ReservedWrite, "MSI-X table", offset, value);
            return;
        }
        uint reserved = value & ReservedBits(offset);
        if (reserved != 0) Report(HardwareEventKind.ReservedBits, "MSI-X table", offset, reserved);
        _table[offset >> 2] = value & ~reserved;
        if ((offset & 0xC) == 0xC) Replay(offset >> 4, nowPs);
    }

    /// <summary>A dword of the pending bit array, which only hardware writes.</summary>
    public uint ReadPending32(int offset)
    {
        if (offset >= 0 && offset < _pending.Length * 8 && (offset & 3) == 0) return (uint)(_pending[offset >> 3] >> (offset & 4) * 8);
        Report(HardwareEventKind.ReservedRead, "MSI-X pending bits", offset, 0);
        return 0;
    }

    public void WritePending32(int offset, uint value) => Report(HardwareEventKind.ReadOnlyWritten, "MSI-X pending bits", offset, value);

    public void SetFunctionMask(bool masked, long nowPs)
    {
        _isFunctionMasked = masked;
        for (int entry = 0; entry < Entries; entry++) Replay(entry, nowPs);
    }

    public void Program(int entry, MsiMessage message)
    {
        _table[entry * 4] = (uint)message.Address;
        _table[entry * 4 + 1] = (uint)(message.Address >> 32);
        _table[entry * 4 + 2] = message.Data;
    }

    public void SetMask(int entry, bool masked, long nowPs) => Write32(entry * EntryBytes + 12, masked ? MaskBit : 0, nowPs);

    /// <summary>The function wants attention on this entry: a memory write, or a pending bit if masked.</summary>
    public void Raise(int entry, long nowPs)
    {
        if (!IsEnabled) return;
        if (IsMasked(entry))
        {
            _pending[entry >> 6] |= 1ul << (entry & 63);
            return;
        }
        Send(entry, nowPs);
    }

    private bool IsInTable(int offset) => offset >= 0 && offset < _table.Length * 4 && (offset & 3) == 0;

    private static uint ReservedBits(int offset) => (offset & 0xC) switch { 0x0 => 3, 0xC => ~MaskBit, _ => 0 };

    private void Report(HardwareEventKind kind, string register, int offset, uint value) =>
        _fabric.Events?.Report(new HardwareEvent(_fabric.Queue.NowPs, kind, "PCI function", register, (uint)offset, value));

    private void Replay(int entry, long nowPs)
    {
        if (!IsEnabled || IsMasked(entry) || !IsPending(entry)) return;
        _pending[entry >> 6] &= ~(1ul << (entry & 63));
        Send(entry, nowPs);
    }

    private void Send(int entry, long nowPs)
    {
        MsiMessage write = this[entry];
        if (!write.IsInterrupt)
        {
            // An ordinary write to memory: whatever lies there is overwritten, and nobody is interrupted.
            _fabric.Events?.Report(new HardwareEvent(nowPs, HardwareEventKind.NoTarget, "PCI function", "MSI-X message", write.Address, write.Data));
            return;
        }
        Sent++;
        if (_fabric.Trace is { IsRaising: true } trace)
        {
            InterruptMessage message = write.Decode();
            trace.Add(nowPs, "MSI-X", $"entry {entry}: write 0x{write.Data:x8} to 0x{write.Address:x8}", 0);
            trace.Add(nowPs + _fabric.Costs.BusMessage, "bus", $"posted write reached the root complex: {message}", _fabric.Costs.BusMessage);
            trace.Address((int)message.Destination, message.Vector);
        }
        _fabric.SendDeviceWrite(_requesterId, write, nowPs);
    }
}
