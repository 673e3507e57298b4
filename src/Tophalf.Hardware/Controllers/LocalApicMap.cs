namespace Tophalf.Hardware.Controllers;

/// <summary>How software may touch a register.</summary>
[Flags]
public enum RegisterAccess : byte { None = 0, R = 1, W = 2, RW = 3 }

/// <summary>
/// One register of the local APIC: its access in both modes, the bits software may set, and the bits it may write without effect.
/// Any other bit is reserved: dropped by the xAPIC, #GP(0) on the x2APIC.
/// </summary>
public readonly record struct LocalApicRegister(
    uint Offset, string Name, RegisterAccess XApic, RegisterAccess X2Apic, uint Writable = 0, uint Ignored = 0);

/// <summary>The register map (SDM 3A tables 11-1 and 11-6). The MSR of a register in x2APIC mode is 0x800 + (offset &gt;&gt; 4).</summary>
public static class LocalApicMap
{
    public const uint FirstMsr = 0x800, LastMsr = 0x8FF;
    private const RegisterAccess None = RegisterAccess.None, R = RegisterAccess.R, W = RegisterAccess.W, RW = RegisterAccess.RW;
    private const uint DeliveryStatus = 1 << 12, RemoteIrr = 1 << 14;

    public static readonly IReadOnlyList<LocalApicRegister> Registers =
    [
        //   offset  name            xAPIC x2APIC  writable     ignored
        new(0x020, "ID",              RW,   R,     0xFF00_0000),
        new(0x030, "version",         R,    R),
        new(0x080, "TPR",             RW,   RW,    0x0000_00FF),
        new(0x090, "APR",             R,    None),
        new(0x0A0, "PPR",             R,    R),
        new(0x0B0, "EOI",             W,    W),
        new(0x0C0, "RRD",             R,    None),
        new(0x0D0, "LDR",             RW,   R,     0xFF00_0000),
        new(0x0E0, "DFR",             RW,   None,  0xF000_0000, 0x0FFF_FFFF),
        new(0x0F0, "SVR",             RW,   RW,    0x0000_13FF),
        .. Bank(0x100, "ISR"),
        .. Bank(0x180, "TMR"),
        .. Bank(0x200, "IRR"),
        new(0x280, "ESR",             RW,   RW),
        new(0x2F0, "LVT CMCI",        RW,   RW,    0x0001_07FF, DeliveryStatus),
        new(0x300, "ICR",             RW,   RW,    0x000C_CFFF, DeliveryStatus),
        new(0x310, "ICR high",        RW,   None,  0xFF00_0000),
        new(0x320, "LVT timer",       RW,   RW,    0x0007_00FF, DeliveryStatus),
        new(0x330, "LVT thermal",     RW,   RW,    0x0001_07FF, DeliveryStatus),
        new(0x340, "LVT performance", RW,   RW,    0x0001_07FF, DeliveryStatus),
        new(0x350, "LVT LINT0",       RW,   RW,    0x0001_A7FF, DeliveryStatus | RemoteIrr),
        new(0x360, "LVT LINT1",       RW,   RW,    0x0001_A7FF, DeliveryStatus | RemoteIrr),
        new(0x370, "LVT error",       RW,   RW,    0x0001_00FF, DeliveryStatus),
        new(0x380, "initial count",   RW,   RW,    0xFFFF_FFFF),
        new(0x390, "current count",   R,    R),
        new(0x3E0, "divide",          RW,   RW,    0x0000_000B),
        new(0x3F0, "self IPI",        None, W,     0x0000_00FF),
    ];

    private static readonly LocalApicRegister[] _byIndex = Index();

    /// <summary>The register at a multiple of 16 below 0x1000; its access is <see cref="RegisterAccess.None"/> where the map has none.</summary>
    public static LocalApicRegister At(uint offset)
    {
        uint index = offset >> 4;
        return index < _byIndex.Length ? _byIndex[index] : new(offset, "a register beyond the map", None, None);
    }

    private static IEnumerable<LocalApicRegister> Bank(uint offset, string name) =>
        Enumerable.Range(0, 8).Select(i => new LocalApicRegister(offset + 16 * (uint)i, $"{name}{i}", R, R));

    private static LocalApicRegister[] Index()
    {
        var table = new LocalApicRegister[0x40];
        for (uint i = 0; i < table.Length; i++) table[i] = new(i << 4, "a register outside the map", None, None);
        foreach (LocalApicRegister register in Registers) table[register.Offset >> 4] = register;
        return table;
    }
}
