using System.Buffers.Binary;
using System.Globalization;

namespace Tophalf.Hardware.Firmware;

/// <summary>Takes a MADT apart. Every length is checked before it is believed.</summary>
internal static class MadtReader
{
    public const int MaxSize = 1 << 20;

    public static Madt Read(ReadOnlySpan<byte> table)
    {
        CheckHeader(table);
        List<MadtEntry> entries = [];
        for (int at = Madt.HeaderSize; at < table.Length;)
        {
            int length = EntryLength(table, at);
            entries.Add(ReadEntry(table.Slice(at, length), at));
            at += length;
        }
        AcpiSignature signature = new(
            table[Madt.RevisionOffset],
            Madt.Text(table.Slice(Madt.OemIdOffset, 6)),
            Madt.Text(table.Slice(Madt.OemTableIdOffset, 8)),
            U32(table, Madt.OemRevisionOffset),
            Madt.Text(table.Slice(Madt.CreatorIdOffset, 4)),
            U32(table, Madt.CreatorRevisionOffset));
        return new Madt(signature, U32(table, Madt.AddressOffset), U32(table, Madt.FlagsOffset), entries);
    }

    private static void CheckHeader(ReadOnlySpan<byte> table)
    {
        if (table.Length < 4 || !table[..4].SequenceEqual("APIC"u8))
            throw new MadtException(0, "the signature is not \"APIC\"", "give the bytes of /sys/firmware/acpi/tables/APIC");
        if (table.Length < Madt.HeaderSize)
            throw new MadtException(table.Length, Say($"the table ends in its header, which has {Madt.HeaderSize} bytes"), "give the whole table");
        if (table.Length > MaxSize)
            throw new MadtException(MaxSize, Say($"the table has {table.Length} bytes"), Say($"give one of at most {MaxSize}"));
        uint length = U32(table, Madt.LengthOffset);
        if (length != table.Length)
            throw new MadtException(Madt.LengthOffset, Say($"the table says it has {length} bytes, there are {table.Length}"), "give exactly the table");
        byte sum = 0;
        foreach (byte b in table) sum += b;
        if (sum != 0)
        {
            byte right = (byte)(table[Madt.ChecksumOffset] - sum);
            throw new MadtException(Madt.ChecksumOffset, Say($"the bytes add up to 0x{sum:x2} and not to 0"), Say($"check the copy, or set this byte to 0x{right:x2}"));
        }
    }

    private static int EntryLength(ReadOnlySpan<byte> table, int at)
    {
        int left = table.Length - at;
        if (left < 2)
            throw new MadtException(at, "a type without a length", "every structure begins with both");
        int length = table[at + 1];
        if (length < 2)
            throw new MadtException(at + 1, Say($"a structure of type {table[at]} with length {length}"), "a structure has at least 2 bytes");
        if (length > left)
            throw new MadtException(at + 1, Say($"a structure of {length} bytes where the table has only {left} left"), "shorten it, or give the whole table");
        return length;
    }

    private static MadtEntry ReadEntry(ReadOnlySpan<byte> e, int at)
    {
        MadtType type = (MadtType)e[0];
        int wanted = LengthOf(type);
        if (wanted == 0 || (type == MadtType.MultiprocessorWakeup && e.Length != wanted && e.Length != wanted + 8))
            return new OtherMadtEntry(type, e[2..].ToArray());
        if (e.Length != wanted && type != MadtType.MultiprocessorWakeup)
            throw new MadtException(at + 1, Say($"a structure of type {(int)type} ({type}) with length {e.Length}"), Say($"it has {wanted} bytes"));
        return type switch
        {
            MadtType.LocalApic => new LocalApicEntry(e[2], e[3], U32(e, 4)),
            MadtType.IoApic => new IoApicEntry(e[2], U32(e, 4), U32(e, 8), e[3]),
            MadtType.InterruptSourceOverride => new InterruptSourceOverrideEntry(e[2], e[3], U32(e, 4), Inti(e, 8)),
            MadtType.NmiSource => new NmiSourceEntry(Inti(e, 2), U32(e, 4)),
            MadtType.LocalApicNmi => new LocalApicNmiEntry(e[2], Inti(e, 3), e[5]),
            MadtType.LocalApicAddressOverride => new LocalApicAddressOverrideEntry(U64(e, 4), U16(e, 2)),
            MadtType.LocalX2Apic => new LocalX2ApicEntry(U32(e, 4), U32(e, 8), U32(e, 12), U16(e, 2)),
            MadtType.LocalX2ApicNmi => new LocalX2ApicNmiEntry(Inti(e, 2), U32(e, 4), e[8], (uint)(e[9] | e[10] << 8 | e[11] << 16)),
            _ => new MultiprocessorWakeupEntry(U16(e, 2), U64(e, 8), e.Length > wanted ? U64(e, 16) : null, U32(e, 4)),
        };
    }

    /// <summary>Bytes of a structure whose fields this reader knows; 0 for the others.</summary>
    internal static int LengthOf(MadtType type) => type switch
    {
        MadtType.LocalApic => 8,
        MadtType.IoApic => 12,
        MadtType.InterruptSourceOverride => 10,
        MadtType.NmiSource => 8,
        MadtType.LocalApicNmi => 6,
        MadtType.LocalApicAddressOverride => 12,
        MadtType.LocalX2Apic => 16,
        MadtType.LocalX2ApicNmi => 12,
        MadtType.MultiprocessorWakeup => 16,
        _ => 0,
    };

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    private static MpsInti Inti(ReadOnlySpan<byte> bytes, int at) => new(U16(bytes, at));
    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
