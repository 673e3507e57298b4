namespace Tophalf.Hardware.Controllers.Remapping;

/// <summary>
/// What differs between remapping units: extended interrupt mode (32-bit APIC ids, ECAP bit 4) and posted interrupts (CAP bit 59, since
/// Broadwell servers). Every unit here remaps interrupts only: no supported address width (CAP 12..8), hence no DMA translation.
/// </summary>
public readonly record struct RemappingCapabilities(bool ExtendedInterruptMode, bool PostedInterrupts)
{
    /// <summary>
    /// CAP register: 59 posted interrupts, 47..40 number of fault records − 1, 33..24 their offset / 16; what describes DMA translation is 0.
    /// </summary>
    internal ulong Capability =>
        (PostedInterrupts ? 1ul << 59 : 0) | (FaultRecording.Records - 1ul) << 40 | RemappingRegisters.FaultRecords / 16ul << 24;

    /// <summary>
    /// ECAP register: 23..20 largest index mask, 4 extended interrupt mode, 3 interrupt remapping, 1 queued invalidation, 0 coherent.
    /// </summary>
    internal ulong ExtendedCapability => 0xFul << 20 | (ExtendedInterruptMode ? 1ul << 4 : 0) | 1 << 3 | 1 << 1 | 1;
}
