namespace Tophalf.Hardware.Controllers;

/// <summary>Does a logical destination name the holder of this logical id? (SDM 3A §11.6.2.2 and §11.12.10.) Broadcasts are told apart before.</summary>
public static class LogicalDestination
{
    /// <summary>xAPIC: LDR[31:24] under the model of DFR[31:28]: 0xF flat (one bit each), 0x0 cluster (nibble of cluster, nibble of members).</summary>
    public static bool MatchesXApic(uint ldr, uint dfr, uint destination)
    {
        uint id = ldr >> 24;
        if (destination > 0xFF) return false;
        return (dfr >> 28) switch
        {
            0xF => (id & destination) != 0,
            0x0 => id >> 4 == destination >> 4 && (id & destination & 0xF) != 0,
            _ => false,
        };
    }

    /// <summary>x2APIC: cluster in [31:16], members in [15:0].</summary>
    public static bool MatchesX2Apic(uint ldr, uint destination) => ldr >> 16 == destination >> 16 && (ldr & destination & 0xFFFF) != 0;

    /// <summary>The x2APIC's logical id follows from its id and cannot be written.</summary>
    public static uint X2ApicLdr(uint id) => ((id >> 4) << 16) | (1u << (int)(id & 0xF));
}
