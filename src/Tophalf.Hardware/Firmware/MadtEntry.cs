namespace Tophalf.Hardware.Firmware;

/// <summary>Interrupt controller structure types of the MADT (ACPI specification, table "Interrupt controller structure types").</summary>
public enum MadtType : byte
{
    LocalApic = 0,
    IoApic = 1,
    InterruptSourceOverride = 2,
    NmiSource = 3,
    LocalApicNmi = 4,
    LocalApicAddressOverride = 5,
    IoSapic = 6,
    LocalSapic = 7,
    PlatformInterruptSource = 8,
    LocalX2Apic = 9,
    LocalX2ApicNmi = 10,
    GicCpu = 11,
    GicDistributor = 12,
    GicMsiFrame = 13,
    GicRedistributor = 14,
    GicTranslation = 15,
    MultiprocessorWakeup = 16,
}

/// <summary>One structure of a MADT. Fields the specification reserves are kept as found, so that what was read can be written back unchanged.</summary>
public abstract record MadtEntry(MadtType Type);

/// <summary>A processor with an 8-bit APIC id. Flags: bit 0 enabled, bit 1 can be brought online.</summary>
public sealed record LocalApicEntry(byte ProcessorUid, byte ApicId, uint Flags) : MadtEntry(MadtType.LocalApic)
{
    public bool IsEnabled => (Flags & 1) != 0;
    public bool IsOnlineCapable => (Flags & 2) != 0;
}

public sealed record IoApicEntry(byte Id, uint Address, uint GsiBase, byte Reserved = 0) : MadtEntry(MadtType.IoApic);

/// <summary>An ISA interrupt that is wired to another GSI than the one of its number, or with another polarity or trigger.</summary>
public sealed record InterruptSourceOverrideEntry(byte Bus, byte SourceIrq, uint Gsi, MpsInti Flags) : MadtEntry(MadtType.InterruptSourceOverride);

public sealed record NmiSourceEntry(MpsInti Flags, uint Gsi) : MadtEntry(MadtType.NmiSource);

/// <summary>The local interrupt pin the NMI arrives at; <see cref="ProcessorUid"/> 0xFF stands for every processor.</summary>
public sealed record LocalApicNmiEntry(byte ProcessorUid, MpsInti Flags, byte Lint) : MadtEntry(MadtType.LocalApicNmi);

public sealed record LocalApicAddressOverrideEntry(ulong Address, ushort Reserved = 0) : MadtEntry(MadtType.LocalApicAddressOverride);

/// <summary>A processor with a 32-bit x2APIC id; flags as of <see cref="LocalApicEntry"/>.</summary>
public sealed record LocalX2ApicEntry(uint X2ApicId, uint Flags, uint ProcessorUid, ushort Reserved = 0) : MadtEntry(MadtType.LocalX2Apic)
{
    public bool IsEnabled => (Flags & 1) != 0;
    public bool IsOnlineCapable => (Flags & 2) != 0;
}

/// <summary>As <see cref="LocalApicNmiEntry"/>; <see cref="ProcessorUid"/> 0xFFFFFFFF stands for every processor.</summary>
public sealed record LocalX2ApicNmiEntry(MpsInti Flags, uint ProcessorUid, byte Lint, uint Reserved = 0) : MadtEntry(MadtType.LocalX2ApicNmi);

/// <summary>Mailbox through which sleeping processors are woken; version 1 adds the reset vector.</summary>
public sealed record MultiprocessorWakeupEntry(ushort Version, ulong MailboxAddress, ulong? ResetVector = null, uint Reserved = 0)
    : MadtEntry(MadtType.MultiprocessorWakeup);

/// <summary>A structure of another architecture or a newer specification: the bytes after type and length, untouched.</summary>
public sealed record OtherMadtEntry(MadtType Type, ReadOnlyMemory<byte> Body) : MadtEntry(Type)
{
    public bool Equals(OtherMadtEntry? other) => other is not null && Type == other.Type && Body.Span.SequenceEqual(other.Body.Span);
    public override int GetHashCode() => HashCode.Combine(Type, Body.Length);
}
