using Tophalf.Hardware.Controllers;

namespace Tophalf.Hardware.Pci;

/// <summary>
/// A PCI function as far as interrupts see it: its address on the bus, its configuration space and, where it has one, the MSI-X table behind it, which lies in BAR 0
/// with the pending bits right after it.
/// </summary>
public sealed class PciFunction
{
    private readonly MsixTable? _msix;

    /// <summary>A function that knows no messages and signals by its wire.</summary>
    public PciFunction(PciAddress address)
    {
        Address = address;
        Configuration = new ConfigurationSpace();
    }

    public PciFunction(PciAddress address, int msixEntries, InterruptFabric fabric)
    {
        Address = address;
        _msix = new MsixTable(msixEntries, fabric, address.RequesterId);
        uint pendingOffset = (uint)(msixEntries * MsixTable.EntryBytes);
        Configuration = new ConfigurationSpace(new MsixCapability(_msix, bar: 0, tableOffset: 0, pendingOffset));
    }

    public PciAddress Address { get; }

    /// <exception cref="InvalidOperationException">The function has no MSI-X.</exception>
    public MsixTable Msix => _msix ?? throw new InvalidOperationException($"{Address} has no MSI-X");

    public ConfigurationSpace Configuration { get; }
}

/// <summary>Domain, bus, device and function, printed as Linux does: 0000:01:00.0.</summary>
public readonly record struct PciAddress(ushort Domain, byte Bus, byte Device, byte Function)
{
    /// <summary>What a write of this function carries on the bus: bus 15..8, device 7..3, function 2..0.</summary>
    public ushort RequesterId => (ushort)(Bus << 8 | Device << 3 | Function);

    public override string ToString() => $"{Domain:x4}:{Bus:x2}:{Device:x2}.{Function:x}";

    public static bool TryParse(string text, out PciAddress address)
    {
        address = default;
        string[] parts = text.Split(':', '.');
        if (parts.Length != 4) return false;
        const System.Globalization.NumberStyles hex = System.Globalization.NumberStyles.AllowHexSpecifier;
        if (!ushort.TryParse(parts[0], hex, null, out ushort domain) || !byte.TryParse(parts[1], hex, null, out byte bus)) return false;
        if (!byte.TryParse(parts[2], hex, null, out byte device) || device > 31) return false;
        if (!byte.TryParse(parts[3], hex, null, out byte function) || function > 7) return false;
        address = new PciAddress(domain, bus, device, function);
        return true;
    }
}
