using Tophalf.Hardware.Controllers;

namespace Tophalf.Hardware.Pci;

/// <summary>
/// MSI-X of one PCI function (PCI Express Base §6.1.4): a table of 16-byte entries — address, upper address, data, vector control —
/// and one pending bit per entry, set while the entry or the function is masked and sent on unmask.
/// </summary>
public sealed class MsixTable
{
    public const int MaxEntries = 2048;
    private const uint MaskBit = 1;

    private readonly uint[] _table;
    private readonly ulong[] _pending;
    private readonly InterruptFabric _fabric;
    private bool _functionMask;

    public MsixTable(int entries, InterruptFabric fabric)
    {
        if (entries is < 1 or > MaxEntries) throw new ArgumentOutOfRangeException(nameof(entries), entries, $"an MSI-X table has 1 to {MaxEntries} entries");
        _table = new uint[entries * 4];
        _pending = new ulong[(entries + 63) / 64];
        _fabric = fabric;
        for (int i = 0; i < entries; i++) _table[i * 4 + 3] = MaskBit;
    }

    public int Entries => _table.Length / 4;

    /// <summary>Message Control bit 15. Off: the function does not send (it would use INTx).</summary>
    public bool IsEnabled { get; set; }

    /// <summary>Messages sent, for the books of the checkers.</summary>
    public long Sent { get; private set; }

    public MsiMessage this[int entry] => new(_table[entry * 4] | (ulong)_table[entry * 4 + 1] << 32, _table[entry * 4 + 2]);

    public bool IsMasked(int entry) => _functionMask || (_table[entry * 4 + 3] & MaskBit) != 0;
    public bool IsPending(int entry) => (_pending[entry >> 6] >> (entry & 63) & 1) != 0;

    public uint Read32(int offset) => _table[offset >> 2];

    /// <summary>A dword write into the table; clearing a mask bit sends what is pending.</summary>
    public void Write32(int offset, uint value, long nowPs)
    {
        _table[offset >> 2] = (offset & 0xC) == 0xC ? value & MaskBit : (offset & 0xF) == 0 ? value & ~3u : value;
        if ((offset & 0xC) == 0xC) Replay(offset >> 4, nowPs);
    }

    public void SetFunctionMask(bool masked, long nowPs)
    {
        _functionMask = masked;
        for (int entry = 0; entry < Entries; entry++) Replay(entry, nowPs);
    }

    public void Program(int entry, MsiMessage message)
    {
        _table[entry * 4] = (uint)message.Address;
        _table[entry * 4 + 1] = (uint)(message.Address >> 32);
        _table[entry * 4 + 2] = message.Data;
    }

    public void SetMask(int entry, bool masked, long nowPs) => Write32(entry * 16 + 12, masked ? MaskBit : 0, nowPs);

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

    private void Replay(int entry, long nowPs)
    {
        if (!IsEnabled || IsMasked(entry) || !IsPending(entry)) return;
        _pending[entry >> 6] &= ~(1ul << (entry & 63));
        Send(entry, nowPs);
    }

    private void Send(int entry, long nowPs)
    {
        Sent++;
        MsiMessage write = this[entry];
        InterruptMessage message = write.Decode();
        if (_fabric.Trace is { IsRaising: true } trace)
        {
            trace.Add(nowPs, "MSI-X", $"entry {entry}: write 0x{write.Data:x8} to 0x{write.Address:x8}", 0);
            trace.Add(nowPs + _fabric.Costs.BusMessage, "bus", $"posted write reached the root complex: {message}", _fabric.Costs.BusMessage);
            trace.Address((int)message.Destination, message.Vector);
        }
        _fabric.SendDeviceMessage(message, nowPs);
    }
}
