using FsCheck;
using FsCheck.Fluent;
using Tophalf.Hardware.Firmware;
using Tophalf.Tests.Corpus;
using Xunit;

namespace Tophalf.Tests.Hardware.Firmware;

public sealed class MadtTests
{
    private static readonly AcpiSignature Names = new(6, "TOPHLF", "TWIN", 1, "TPHF", 1);

    /// <summary>The ordinary PC: two processors, one I/O APIC, timer on pin 2, SCI level-triggered, NMI on LINT1.</summary>
    private static readonly Madt Pc = new(Names, 0xFEE0_0000, 1,
    [
        new LocalApicEntry(0, 0, 1),
        new LocalApicEntry(1, 1, 1),
        new IoApicEntry(0, 0xFEC0_0000, 0),
        new InterruptSourceOverrideEntry(0, 0, 2, default),
        new InterruptSourceOverrideEntry(0, 9, 9, MpsInti.Of(MadtPolarity.ActiveHigh, MadtTrigger.Level)),
        new LocalApicNmiEntry(0xFF, MpsInti.Of(MadtPolarity.ActiveHigh, MadtTrigger.Edge), 1),
    ]);

    [Fact]
    public void Entries_have_the_bytes_of_the_specification()
    {
        Assert.Equal(
            "0008000001000000" + // LAPIC, uid 0, id 0, enabled
            "0008010101000000" +
            "010C00000000C0FE00000000" + // I/O APIC at FEC00000, GSI 0
            "020A0000020000000000" + // ISA 0 on GSI 2
            "020A0009090000000D00" + // ISA 9, level-triggered, active high
            "0406FF050001", // NMI on LINT1 of everybody
            Convert.ToHexString(Pc.Build().AsSpan(44)));
    }

    [Fact]
    public void Length_and_checksum_are_filled_in()
    {
        byte[] bytes = Pc.Build();
        Assert.Equal(44 + 8 + 8 + 12 + 10 + 10 + 6, bytes.Length);
        Assert.Equal(bytes.Length, BitConverter.ToInt32(bytes, 4));
        Assert.Equal(0, (byte)bytes.Sum(b => b));
        Assert.Equal("APIC", System.Text.Encoding.ASCII.GetString(bytes, 0, 4));
        Assert.True(Pc.HasDual8259);
    }

    [Fact]
    public void Every_entry_type_comes_back_as_it_went()
    {
        Madt all = Pc with
        {
            Entries =
            [
                .. Pc.Entries,
                new NmiSourceEntry(MpsInti.Of(MadtPolarity.ActiveLow, MadtTrigger.Level), 23),
                new LocalApicAddressOverrideEntry(0x1_FEE0_0000, 7),
                new LocalX2ApicEntry(0x1234_5678, 3, 300, 9),
                new LocalX2ApicNmiEntry(default, uint.MaxValue, 1, 0xABCDEF),
                new MultiprocessorWakeupEntry(0, 0x1000),
                new MultiprocessorWakeupEntry(1, 0x2000, 0xFFFF_0000, 5),
                new OtherMadtEntry(MadtType.GicDistributor, new byte[22]),
                new OtherMadtEntry((MadtType)0x80, new byte[] { 1, 2, 3 }),
                new IoApicEntry(1, 0xFEC0_1000, 24, Reserved: 0xEE),
            ],
        };
        Madt back = Madt.Parse(all.Build());
        Assert.Equal(all.Entries, back.Entries);
        Assert.Equal(0x1_FEE0_0000ul, back.EffectiveLocalApicAddress);
        Assert.Equal("TWIN\0\0\0\0", back.Signature.OemTableId);
    }

    [Fact]
    public void Any_bytes_between_the_headers_survive_a_round_trip()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<(byte Type, byte[] Body)[]>(), structures =>
        {
            List<byte> table = [.. Pc.Build().AsSpan(0, 44)];
            foreach ((byte type, byte[] body) in structures)
            {
                // A structure whose layout we know must have its length; the others may be as long as they like.
                int length = MadtEntryLength(type) is var fixedLength and > 0 ? fixedLength - 2 : Math.Min(body.Length, 253);
                table.AddRange([type, (byte)(length + 2), .. Enumerable.Range(0, length).Select(i => body.Length == 0 ? (byte)0 : body[i % body.Length])]);
            }
            byte[] bytes = Seal(table);
            return Madt.Parse(bytes).Build().SequenceEqual(bytes);
        }).QuickCheckThrowOnFailure();
    }

    private static int MadtEntryLength(byte type) => type switch { 0 or 3 => 8, 1 or 5 or 10 => 12, 2 => 10, 4 => 6, 9 or 16 => 16, _ => 0 };

    private static byte[] Seal(List<byte> table)
    {
        byte[] bytes = [.. table];
        BitConverter.TryWriteBytes(bytes.AsSpan(4), bytes.Length);
        bytes[9] = 0;
        bytes[9] = (byte)-bytes.Sum(b => b);
        return bytes;
    }

    [Fact]
    public void Noise_is_refused_with_a_position_or_read_but_never_worse()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<(int At, byte Value)[]>(), changes =>
        {
            byte[] bytes = Pc.Build();
            foreach ((int at, byte value) in changes) bytes[(at & int.MaxValue) % bytes.Length] = value;
            byte[] tried = changes.Length % 2 == 0 ? Seal([.. bytes]) : bytes;
            try
            {
                return Madt.Parse(tried).Build().SequenceEqual(tried);
            }
            catch (MadtException e)
            {
                return e.Offset >= 0 && e.Offset <= tried.Length && e.Message.StartsWith("byte ", StringComparison.Ordinal);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0, 0x58, "byte 0: the signature is not \"APIC\"; give the bytes of /sys/firmware/acpi/tables/APIC")]
    [InlineData(4, 0x61, "byte 4: the table says it has 97 bytes, there are 98; give exactly the table")]
    [InlineData(40, 0x03, "byte 9: the bytes add up to 0x02 and not to 0; check the copy, or set this byte to ")]
    public void A_broken_header_is_named(int at, byte value, string message)
    {
        byte[] bytes = Pc.Build();
        bytes[at] = value;
        Assert.StartsWith(message, Assert.Throws<MadtException>(() => Madt.Parse(bytes)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(45, 0, "byte 45: a structure of type 0 with length 0; a structure has at least 2 bytes")]
    [InlineData(45, 9, "byte 45: a structure of type 0 (LocalApic) with length 9; it has 8 bytes")]
    [InlineData(93, 7, "byte 93: a structure of 7 bytes where the table has only 6 left; shorten it, or give the whole table")]
    public void A_broken_structure_is_named(int at, byte value, string message)
    {
        byte[] bytes = Pc.Build();
        bytes[at] = value;
        Assert.Equal(message, Assert.Throws<MadtException>(() => Madt.Parse(Seal([.. bytes]))).Message);
    }

    [MadtFact]
    public void This_machines_own_table_comes_back_byte_for_byte()
    {
        byte[] bytes = File.ReadAllBytes(MadtFactAttribute.Path);
        Madt madt = Madt.Parse(bytes);
        Assert.Equal(bytes, madt.Build());
        Assert.Contains(madt.Entries, e => e is LocalApicEntry { IsEnabled: true } or LocalX2ApicEntry { IsEnabled: true });
    }

    [CorpusFact]
    public void Other_peoples_tables_come_back_byte_for_byte()
    {
        Assert.Equal("LocalApic 2, IoApic 1", Contents("madt/01-fc-guest-APIC.bin"));
        Assert.Equal("LocalApic 2, IoApic 1, InterruptSourceOverride 2, LocalApicNmi 2", Contents("madt/02-crestline-2cpu-APIC.bin"));
        Assert.Equal("GicCpu 8, GicDistributor 1, GicRedistributor 1, GicTranslation 1", Contents("madt/07-matebook-e-go-arm64-APIC.bin"));
    }

    private static string Contents(string name)
    {
        byte[] bytes = File.ReadAllBytes(System.IO.Path.Combine(CorpusFolder.Path!, name));
        Madt madt = Madt.Parse(bytes);
        Assert.Equal(bytes, madt.Build());
        return string.Join(", ", madt.Entries.GroupBy(e => e.Type).OrderBy(g => g.Key).Select(g => $"{g.Key} {g.Count()}"));
    }
}
