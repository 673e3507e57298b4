namespace Tophalf.Hardware.Controllers;

/// <summary>The priority arithmetic of the local APIC. A vector's class is its high nibble; vectors of one class do not interrupt each other.</summary>
public static class ApicPriority
{
    public static uint Class(uint value) => value >> 4 & 0xF;

    /// <summary>
    /// Processor priority (SDM 3A §11.8.3.1). <paramref name="inService"/> is the highest vector in ISR, or 0.
    /// On equal classes the manual leaves the low nibble open; here it is that of the TPR.
    /// </summary>
    public static uint Processor(uint tpr, uint inService) => Class(tpr) >= Class(inService) ? tpr & 0xFF : inService & 0xF0;

    /// <summary>Arbitration priority (SDM 3A §11.6.2.4): the lowest APR wins a lowest-priority message. The arguments are the highest vectors, or 0.</summary>
    public static uint Arbitration(uint tpr, uint requested, uint inService) =>
        Class(tpr) >= Class(requested) && Class(tpr) > Class(inService)
            ? tpr & 0xFF
            : Math.Max(Class(tpr) & Class(inService), Class(requested)) << 4;
}
