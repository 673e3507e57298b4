namespace Tophalf.Hardware.Controllers;

/// <summary>
/// The registers (82093AA data sheet §3.1 and §3.2).
/// <code>
///   direct    00 index    10 window    40 EOI (version 0x20)
///   indexed   00 id 27..24    01 version 7..0, highest entry 23..16    02 arbitration id 27..24    10+2n, 11+2n redirection entry n
/// </code>
/// </summary>
public sealed partial class IoApic
{
    public const uint IndexOffset = 0x00, WindowOffset = 0x10, EoiOffset = 0x40;
    private const uint PinAssertionOffset = 0x20;
    private const uint IdIndex = 0x00, VersionIndex = 0x01, ArbitrationIndex = 0x02, BootConfigurationIndex = 0x03, FirstEntryIndex = 0x10;
    private const uint IdBits = 0x0F00_0000;
    private const int IdShift = 24;

    private uint _index, _id;

    public uint Read(uint offset, long nowPs = 0)
    {
        switch (offset)
        {
            case IndexOffset: return _index;
            case WindowOffset: return ReadRegister(nowPs);
            case EoiOffset when _version >= VersionWithEoi:
                Report(nowPs, HardwareEventKind.WriteOnlyRead, "EOI", offset, 0);
                return 0;
            default:
                Report(nowPs, HardwareEventKind.ReservedRead, DirectName(offset), offset, 0);
                return 0;
        }
    }

    public void Write(uint offset, uint value, long nowPs)
    {
        switch (offset)
        {
            case IndexOffset: _index = value & 0xFF; break;
            case WindowOffset: WriteRegister(value, nowPs); break;
            case EoiOffset when _version >= VersionWithEoi: EndOfInterrupt((byte)value, nowPs); break;
            default: Report(nowPs, HardwareEventKind.ReservedWrite, DirectName(offset), offset, value); break;
        }
    }

    private string IndexedName => _index == BootConfigurationIndex ? "boot configuration" : "indexed register";

    private static string DirectName(uint offset) => offset switch
    {
        PinAssertionOffset => "pin assertion",
        EoiOffset => "EOI",
        _ => "direct register",
    };

    private bool IsEntryIndex => _index >= FirstEntryIndex && _index < FirstEntryIndex + 2 * _entries.Length;
    private int EntryPin => (int)(_index - FirstEntryIndex) >> 1;
    private bool IsHighHalf => (_index & 1) != 0;

    private uint ReadRegister(long nowPs)
    {
        switch (_index)
        {
            // The arbitration id is a copy of the id: it was loaded with it, and the bus that rotated it is gone.
            case IdIndex or ArbitrationIndex: return _id;
            case VersionIndex: return _version | (uint)(_entries.Length - 1) << 16;
        }
        if (IsEntryIndex) return (uint)(_entries[EntryPin].Raw >> (IsHighHalf ? 32 : 0));
        Report(nowPs, HardwareEventKind.ReservedRead, IndexedName, _index, 0);
        return 0;
    }

    private void WriteRegister(uint value, long nowPs)
    {
        switch (_index)
        {
            case IdIndex: _id = value & IdBits; return;
            case VersionIndex: Report(nowPs, HardwareEventKind.ReadOnlyWritten, "version", _index, value); return;
            case ArbitrationIndex: Report(nowPs, HardwareEventKind.ReadOnlyWritten, "arbitration id", _index, value); return;
        }
        if (!IsEntryIndex)
        {
            Report(nowPs, HardwareEventKind.ReservedWrite, IndexedName, _index, value);
            return;
        }
        ulong raw = _entries[EntryPin].Raw;
        var written = new RedirectionEntry(IsHighHalf ? (raw & 0xFFFF_FFFF) | ((ulong)value << 32) : (raw & 0xFFFF_FFFF_0000_0000) | value);
        // Reserved bits keep what is written, as every model in use has it; the data sheet promises nothing.
        if (written.ReservedBitsSet != 0) Report(nowPs, HardwareEventKind.ReservedBits, "redirection entry", _index, written.ReservedBitsSet);
        WriteEntry(EntryPin, written.Raw, nowPs);
    }
}
