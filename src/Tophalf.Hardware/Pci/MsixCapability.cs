namespace Tophalf.Hardware.Pci;

/// <summary>
/// MSI-X capability (PCI Express Base §7.7.2): the switch in configuration space over a table that lies in a BAR.
/// <code>
///   +0  31 enable | 30 function mask | 26..16 table size - 1 | 15..8 next | 7..0 0x11
///   +4  table offset 31..3, BAR 2..0        +8  pending bit array offset 31..3, BAR 2..0
/// </code>
/// </summary>
public sealed class MsixCapability(MsixTable table, int bar, uint tableOffset, uint pendingOffset) : IPciCapability
{
    private const uint EnableBit = 1u << 31, FunctionMaskBit = 1 << 30;

    public byte Id => 0x11;
    public int Size => 12;
    public bool IsEnabled => table.IsEnabled;

    public uint Read32(int offset) => offset switch
    {
        0 => Id | (uint)(table.Entries - 1) << 16 | (table.IsFunctionMasked ? FunctionMaskBit : 0) | (table.IsEnabled ? EnableBit : 0),
        4 => tableOffset | (uint)bar,
        _ => pendingOffset | (uint)bar,
    };

    /// <summary>Enable and function mask; all else is read-only. What is pending leaves once both let it.</summary>
    public void Write32(int offset, uint value, long nowPs)
    {
        if (offset != 0) return;
        table.IsEnabled = (value & EnableBit) != 0;
        table.SetFunctionMask((value & FunctionMaskBit) != 0, nowPs);
    }
}
