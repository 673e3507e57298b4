using Tophalf.Hardware.Memory;

namespace Tophalf.Hardware.Processors;

/// <summary>
/// The checks between a vector and its handler, in the manual's order (SDM 3A §6.12.1.3 and §6.14; SDM 2A, INT n): IDT limit, gate type,
/// gate DPL for software interrupts, gate present, code segment. Each failure is the fault it causes, with the error code.
/// </summary>
public static class GateChecks
{
    public static bool IsSoftware(EventSource source) => source >= EventSource.IntN;

    public static DeliveryFault BeyondLimit(int vector, EventSource source) => Gate(ExceptionTable.GeneralProtection, vector, !IsSoftware(source));

    public static DeliveryFault Check(in InterruptGate gate, int vector, EventSource source, int cpl) =>
        Check(gate.IsLegalType, gate.Dpl, gate.Present, vector, source, cpl);

    public static DeliveryFault Check(in InterruptGate32 gate, int vector, EventSource source, int cpl) =>
        Check(gate.IsLegalType, gate.Dpl, gate.Present, vector, source, cpl);

    private static DeliveryFault Check(bool legalType, int dpl, bool present, int vector, EventSource source, int cpl)
    {
        if (legalType && present && !(IsSoftware(source) && dpl < cpl)) return DeliveryFault.None;
        bool external = !IsSoftware(source);
        if (!legalType) return Gate(ExceptionTable.GeneralProtection, vector, external);
        if (IsSoftware(source) && dpl < cpl) return Gate(ExceptionTable.GeneralProtection, vector, external: false);
        return Gate(ExceptionTable.NotPresent, vector, external);
    }

    private static DeliveryFault Gate(int fault, int vector, bool external) => new(fault, SelectorErrorCode.OfGate(vector, external));

    /// <summary>
    /// The code segment a gate names, and the privilege level its handler runs at. Without a loaded GDT every selector but null
    /// is taken as a flat code segment of the level in its low bits.
    /// </summary>
    public static DeliveryFault CodeSegment(
        PhysicalMemory memory, DescriptorTableRegister? gdtr, ushort selector, bool longMode, EventSource source, int cpl, out int newCpl)
    {
        bool external = !IsSoftware(source);
        newCpl = selector & 3;
        if ((selector & 0xFFFC) == 0) return new(ExceptionTable.GeneralProtection, SelectorErrorCode.OfSelector(0, external));
        if (gdtr is not { } gdt) return DeliveryFault.None;
        var error = SelectorErrorCode.OfSelector(selector, external);
        int at = selector & 0xFFF8;
        // The LDT is not modelled: a selector into it lies outside the table.
        if ((selector & 4) != 0 || at + SegmentDescriptor.Size - 1 > gdt.Limit) return new(ExceptionTable.GeneralProtection, error);
        var segment = new SegmentDescriptor(memory.Read64(gdt.Base + (ulong)at));
        if (!segment.IsCode || segment.Dpl > cpl) return new(ExceptionTable.GeneralProtection, error);
        if (!segment.Present) return new(ExceptionTable.NotPresent, error);
        if (longMode && (!segment.IsLong || segment.IsDefault32)) return new(ExceptionTable.GeneralProtection, error);
        newCpl = segment.IsConforming ? cpl : segment.Dpl;
        return DeliveryFault.None;
    }
}
