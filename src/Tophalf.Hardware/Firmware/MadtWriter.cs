using System.Buffers.Binary;
using System.Text;

namespace Tophalf.Hardware.Firmware;

/// <summary>Puts a MADT together.</summary>
internal static class MadtWriter
{
    public static byte[] Write(Madt madt)
    {
        List<byte> table = new(Madt.HeaderSize + madt.Entries.Count * 16);
        table.AddRange("APIC"u8);
        U32(table, 0); // length, when it is known
        table.Add(madt.Signature.Revision);
        table.Add(0); // checksum, likewise
        Text(table, madt.Signature.OemId, 6);
        Text(table, madt.Signature.OemTableId, 8);
        U32(table, madt.Signature.OemRevision);
        Text(table, madt.Signature.CreatorId, 4);
        U32(table, madt.Signature.CreatorRevision);
        U32(table, madt.LocalApicAddress);
        U32(table, madt.Flags);
        foreach (MadtEntry entry in madt.Entries) Entry(table, entry);

        byte[] bytes = [.. table];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Madt.LengthOffset), (uint)bytes.Length);
        byte sum = 0;
        foreach (byte b in bytes) sum += b;
        bytes[Madt.ChecksumOffset] = (byte)-sum;
        return bytes;
    }

    private static void Entry(List<byte> table, MadtEntry entry)
    {
        int start = table.Count;
        table.Add((byte)entry.Type);
        table.Add(0);
        switch (entry)
        {
            case LocalApicEntry e: table.Add(e.ProcessorUid); table.Add(e.ApicId); U32(table, e.Flags); break;
            case IoApicEntry e: table.Add(e.Id); table.Add(e.Reserved); U32(table, e.Address); U32(table, e.GsiBase); break;
            case InterruptSourceOverrideEntry e: table.Add(e.Bus); table.Add(e.SourceIrq); U32(table, e.Gsi); U16(table, e.Flags.Raw); break;
            case NmiSourceEntry e: U16(table, e.Flags.Raw); U32(table, e.Gsi); break;
            case LocalApicNmiEntry e: table.Add(e.ProcessorUid); U16(table, e.Flags.Raw); table.Add(e.Lint); break;
            case LocalApicAddressOverrideEntry e: U16(table, e.Reserved); U64(table, e.Address); break;
            case LocalX2ApicEntry e: U16(table, e.Reserved); U32(table, e.X2ApicId); U32(table, e.Flags); U32(table, e.ProcessorUid); break;
            case LocalX2ApicNmiEntry e: U16(table, e.Flags.Raw); U32(table, e.ProcessorUid); U32(table, e.Lint | e.Reserved << 8); break;
            case MultiprocessorWakeupEntry e:
                U16(table, e.Version);
                U32(table, e.Reserved);
                U64(table, e.MailboxAddress);
                if (e.ResetVector is { } vector) U64(table, vector);
                break;
            case OtherMadtEntry e: table.AddRange(e.Body.Span); break;
        }
        int length = table.Count - start;
        if (length > byte.MaxValue)
            throw new ArgumentException($"a MADT structure of {length} bytes; its length must fit a byte", nameof(entry));
        table[start + 1] = (byte)length;
    }

    private static void Text(List<byte> table, string text, int width)
    {
        if (text.Length > width) throw new ArgumentException($"\"{text}\" is longer than the {width} bytes it has in the header", nameof(text));
        table.AddRange(Encoding.Latin1.GetBytes(text.PadRight(width, '\0')));
    }

    private static void U16(List<byte> table, ushort value)
    {
        table.Add((byte)value);
        table.Add((byte)(value >> 8));
    }

    private static void U32(List<byte> table, uint value)
    {
        U16(table, (ushort)value);
        U16(table, (ushort)(value >> 16));
    }

    private static void U64(List<byte> table, ulong value)
    {
        U32(table, (uint)value);
        U32(table, (uint)(value >> 32));
    }
}
