using System.Text;

namespace Tophalf.Hardware.Firmware;

/// <summary>The names firmware signs a table with. Texts are Latin-1 of fixed width (6, 8 and 4 bytes), padding included.</summary>
public sealed record AcpiSignature(byte Revision, string OemId, string OemTableId, uint OemRevision, string CreatorId, uint CreatorRevision);

/// <summary>
/// Multiple APIC description table (ACPI specification, "MADT"; signature "APIC"): which interrupt controllers a machine has and how ISA interrupts
/// reach them. 36 bytes of header, the local APIC address, flags, then structures of a type byte and a length byte each.
/// </summary>
/// <param name="Signature">Revision and names of the header; length and checksum are worked out.</param>
/// <param name="LocalApicAddress">Physical address of every processor's local APIC, unless an entry overrides it.</param>
/// <param name="Flags">Bit 0: the machine also has a pair of 8259s, to be masked when the APICs take over.</param>
/// <param name="Entries">In the order of the table.</param>
public sealed record Madt(AcpiSignature Signature, uint LocalApicAddress, uint Flags, IReadOnlyList<MadtEntry> Entries)
{
    internal const int HeaderSize = 44, LengthOffset = 4, RevisionOffset = 8, ChecksumOffset = 9, OemIdOffset = 10, OemTableIdOffset = 16;
    internal const int OemRevisionOffset = 24, CreatorIdOffset = 28, CreatorRevisionOffset = 32, AddressOffset = 36, FlagsOffset = 40;

    public bool HasDual8259 => (Flags & 1) != 0;

    /// <summary>Where local APICs are: the 64-bit override if there is one.</summary>
    public ulong EffectiveLocalApicAddress => Entries.OfType<LocalApicAddressOverrideEntry>().Select(e => (ulong?)e.Address).FirstOrDefault() ?? LocalApicAddress;

    /// <summary>Reads a table.</summary>
    /// <exception cref="MadtException">The bytes are no MADT; says where and why.</exception>
    public static Madt Parse(ReadOnlySpan<byte> table) => MadtReader.Read(table);

    /// <summary>The table as bytes, its length and checksum filled in. What <see cref="Parse"/> read comes out as it was.</summary>
    public byte[] Build() => MadtWriter.Write(this);

    internal static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
