using Tophalf.Hardware.Pci;

namespace Tophalf.Hardware.Controllers.Remapping;

/// <summary>
/// A device's interrupt write as the remapping unit reads it (VT-d specification, ch. 5 "Remappable format").
/// <code>
///   address 31..20 0xFEE | 19..5 handle 14..0 | 4 format (1 = remappable) | 3 subhandle valid | 2 handle 15 | 1..0 ignored
///   data    31..16 reserved (0) | 15..0 subhandle;  without a valid subhandle the data is ignored
/// </code>
/// An I/O APIC sends the same bits when its redirection entry holds the handle in 63..49 and 11 and the format in 48.
/// </summary>
public readonly record struct RemappableRequest(ulong Address, uint Data)
{
    /// <summary>Any other address is a plain memory write and no business of the interrupt logic.</summary>
    public bool IsInterrupt => Address >> 20 == 0xFEE;

    /// <summary>False: compatibility format, the message of a machine without remapping.</summary>
    public bool IsRemappable => (Address & FormatBit) != 0;

    public bool HasSubhandle => (Address & SubhandleValidBit) != 0;
    public ushort Handle => (ushort)((Address >> 5 & 0x7FFF) | (Address >> 2 & 1) << 15);
    public ushort Subhandle => (ushort)Data;
    public bool HasReservedBits => HasSubhandle && Data >> 16 != 0;

    /// <summary>Entry of the remapping table, 0 to 0x1FFFE; the sum may lie behind the largest table of 65536 entries.</summary>
    public int Index => Handle + (HasSubhandle ? Subhandle : 0);

    /// <summary>The write that asks for one entry.</summary>
    public static MsiMessage Message(ushort handle) => new(AddressOf(handle), 0);

    /// <summary>
    /// The write that asks for entry <paramref name="handle"/> + <paramref name="subhandle"/>, as the vectors of multi-message MSI do.
    /// </summary>
    public static MsiMessage Message(ushort handle, ushort subhandle) => new(AddressOf(handle) | SubhandleValidBit, subhandle);

    private static ulong AddressOf(ushort handle) => 0xFEE0_0000 | (handle & 0x7FFFul) << 5 | FormatBit | (ulong)(handle >> 15) << 2;

    private const ulong FormatBit = 1 << 4, SubhandleValidBit = 1 << 3;
}
