using System.Numerics;

namespace Tophalf.Hardware.Controllers.Remapping;

/// <summary>What a guest's EOI did: the vector that was in service (0 if none), and whether the hypervisor wants to know of it.</summary>
public readonly record struct VirtualEoi(byte Vector, bool ExitsToHost);

/// <summary>
/// The part of a local APIC that the processor itself emulates for a guest, without the hypervisor (SDM 3C ch. 30 "APIC virtualization
/// and virtual interrupts"): the virtual-APIC page's VIRR, VISR and VTPR, and the guest interrupt status RVI and SVI of the VMCS.
/// </summary>
public sealed class VirtualApic
{
    private Bitmap256 _irr, _isr, _eoiExit;

    /// <summary>Requesting virtual interrupt: the highest vector known to be in VIRR, 0 for none.</summary>
    public byte Rvi { get; private set; }

    /// <summary>Servicing virtual interrupt: the highest vector in VISR, 0 for none.</summary>
    public byte Svi { get; private set; }

    /// <summary>VTPR. The processor compares anew with the next evaluation, as a write of the guest does without an exit.</summary>
    public byte TaskPriority { get; set; }

    /// <summary>VPPR: the task priority, or the class in service if that is higher.</summary>
    public byte ProcessorPriority => TaskPriority >> 4 >= Svi >> 4 ? TaskPriority : (byte)(Svi & 0xF0);

    public bool HasDeliverable => Rvi >> 4 > ProcessorPriority >> 4;

    public bool IsRequested(int vector) => _irr.Contains(vector);
    public bool IsInService(int vector) => _isr.Contains(vector);

    /// <summary>EOI-exit bitmap: the hypervisor asks to be told when the guest ends this vector, say to lower a level-triggered line.</summary>
    public void SetEoiExit(byte vector) => _eoiExit.Set(vector);

    /// <summary>Takes all requests of the descriptor over: VIRR |= PIR, PIR := 0, RVI := the higher of itself and the highest new one.</summary>
    public void Merge(PostedInterruptDescriptor descriptor)
    {
        for (int word = 0; word < PostedInterruptDescriptor.RequestWords; word++)
        {
            for (ulong left = descriptor.TakeRequestWord(word); left != 0; left &= left - 1)
                Request((byte)(word * 64 + BitOperations.TrailingZeroCount(left)));
        }
    }

    private void Request(byte vector)
    {
        _irr.Set(vector);
        Rvi = Math.Max(Rvi, vector);
    }

    /// <summary>Virtual-interrupt delivery: RVI moves from VIRR to VISR. Only called while <see cref="HasDeliverable"/>.</summary>
    public byte Deliver()
    {
        byte vector = Rvi;
        _isr.Set(vector);
        Svi = vector;
        _irr.Clear(vector);
        Rvi = (byte)Math.Max(_irr.Highest(), 0);
        return vector;
    }

    /// <summary>EOI virtualisation: the vector in service ends; no exit unless the hypervisor asked for this vector.</summary>
    public VirtualEoi EndOfInterrupt()
    {
        byte vector = Svi;
        _isr.Clear(vector);
        Svi = (byte)Math.Max(_isr.Highest(), 0);
        return new VirtualEoi(vector, _eoiExit.Contains(vector));
    }
}
