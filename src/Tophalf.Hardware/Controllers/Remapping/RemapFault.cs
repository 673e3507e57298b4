namespace Tophalf.Hardware.Controllers.Remapping;

/// <summary>
/// Why a remapping unit blocked an interrupt: the fault reason written to the fault recording register (VT-d specification, ch. 7
/// "Interrupt-remapping fault conditions").
/// </summary>
public enum RemapFault : byte
{
    None = 0,

    /// <summary>A reserved field of a remappable request is not zero: with a valid subhandle, data 31..16.</summary>
    ReservedInRequest = 0x20,

    /// <summary>The index computed from the request lies behind the end of the table.</summary>
    IndexTooLarge = 0x21,

    /// <summary>The table entry is not present.</summary>
    NotPresent = 0x22,

    /// <summary>The table itself could not be read.</summary>
    TableAccess = 0x23,

    /// <summary>A reserved field of a present entry is not zero.</summary>
    ReservedInEntry = 0x24,

    /// <summary>A compatibility-format request while those are not let through.</summary>
    CompatibilityBlocked = 0x25,

    /// <summary>The requester is not the one the entry belongs to.</summary>
    SourceId = 0x26,

    /// <summary>The posted-interrupt descriptor named by the entry could not be accessed.</summary>
    DescriptorAccess = 0x27,

    /// <summary>A reserved field of the posted-interrupt descriptor is not zero.</summary>
    ReservedInDescriptor = 0x28,
}

public static class RemapFaults
{
    /// <summary>
    /// A qualified fault is one that happens after an entry was read; its FPD bit can keep it out of the fault log. The interrupt is
    /// blocked all the same.
    /// </summary>
    public static bool IsQualified(this RemapFault fault) => fault is RemapFault.NotPresent or RemapFault.ReservedInEntry or RemapFault.SourceId
        or RemapFault.DescriptorAccess or RemapFault.ReservedInDescriptor;
}
