namespace Tophalf.Hardware.Pci;

/// <summary>
/// The 256 bytes of configuration space as far as interrupts see them (PCI Local Bus 3.0 §6.1): command and status, the list of capabilities.
/// <code>
///   04  20 capability list (RO) | 10 INTx disable | 2 bus master | 1 memory | 0 I/O        34  first capability
/// </code>
/// Everything else reads as zero.
/// </summary>
public sealed class ConfigurationSpace
{
    public const int Size = 256, CommandOffset = 0x04, CapabilitiesOffset = 0x34;
    private const int FirstCapability = 0x40;
    private const uint CommandBits = 1 << 10 | 7, IntxDisable = 1 << 10, HasCapabilities = 1 << 20;

    private readonly (int Offset, IPciCapability Capability)[] _capabilities;
    private uint _command;

    public ConfigurationSpace(params IPciCapability[] capabilities)
    {
        _capabilities = new (int, IPciCapability)[capabilities.Length];
        int at = FirstCapability;
        for (int i = 0; i < capabilities.Length; i++)
        {
            _capabilities[i] = (at, capabilities[i]);
            at += (capabilities[i].Size + 15) & ~15;
        }
    }

    /// <summary>May the function use its wire? Not while software disabled it, nor while it signals by messages.</summary>
    public bool MayAssertIntx => (_command & IntxDisable) == 0 && !Array.Exists(_capabilities, entry => entry.Capability.IsEnabled);

    /// <summary>Where a capability lies, or 0.</summary>
    public int OffsetOf(byte id) => Array.Find(_capabilities, entry => entry.Capability.Id == id).Offset;

    /// <summary>A dword; offsets are taken modulo 256 and rounded down to a dword, as the configuration address register does.</summary>
    public uint Read32(int offset)
    {
        offset &= Size - 4;
        switch (offset)
        {
            case CommandOffset: return _command | (_capabilities.Length > 0 ? HasCapabilities : 0);
            case CapabilitiesOffset: return _capabilities.Length > 0 ? FirstCapability : 0u;
        }
        int i = Find(offset);
        if (i < 0) return 0;
        uint next = i + 1 < _capabilities.Length ? (uint)_capabilities[i + 1].Offset : 0;
        int inside = offset - _capabilities[i].Offset;
        return _capabilities[i].Capability.Read32(inside) | (inside == 0 ? next << 8 : 0);
    }

    public void Write32(int offset, uint value, long nowPs)
    {
        offset &= Size - 4;
        if (offset == CommandOffset) _command = value & CommandBits;
        else if (Find(offset) is >= 0 and int i) _capabilities[i].Capability.Write32(offset - _capabilities[i].Offset, value, nowPs);
    }

    private int Find(int offset) => Array.FindIndex(_capabilities, entry => offset >= entry.Offset && offset < entry.Offset + entry.Capability.Size);
}
