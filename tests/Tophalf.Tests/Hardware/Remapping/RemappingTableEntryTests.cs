using FsCheck;
using FsCheck.Fluent;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Controllers.Remapping;
using Xunit;

namespace Tophalf.Tests.Hardware.Remapping;

public class RemappingTableEntryTests
{
    private static readonly RemappingCapabilities Unit = new(ExtendedInterruptMode: true, PostedInterrupts: true);

    private static readonly Gen<SourceValidation> Sources =
        from type in Gen.Elements(SourceValidationType.None, SourceValidationType.RequesterId, SourceValidationType.BusRange)
        from qualifier in Gen.Choose(0, 3)
        from sourceId in Gen.Choose(0, 0xFFFF)
        select new SourceValidation(type, (byte)qualifier, (ushort)sourceId);

    private static readonly Gen<InterruptMessage> Messages =
        from vector in Gen.Choose(0, 255)
        from destination in ArbMap.Default.GeneratorFor<uint>()
        from logical in Gen.Elements(false, true)
        from level in Gen.Elements(false, true)
        from mode in Gen.Elements(DeliveryMode.Fixed, DeliveryMode.LowestPriority, DeliveryMode.Smi, DeliveryMode.Nmi, DeliveryMode.Init, DeliveryMode.ExtInt)
        select new InterruptMessage((byte)vector, destination, logical, level, mode);

    [Fact]
    public void A_remapped_entry_is_read_back_as_written() =>
        Prop.ForAll(Messages.ToArbitrary(), Sources.ToArbitrary(), Gen.Elements(false, true).ToArbitrary(), (message, source, extended) =>
        {
            InterruptMessage expected = extended ? message : message with { Destination = (byte)message.Destination };
            RemappingTableEntry entry = RemappingTableEntry.Remapped(message, source, extended);
            return entry.IsPresent && !entry.IsPosted && !entry.HasReservedBits(Unit, extended)
                && entry.Source == source && entry.ToMessage(extended) == expected;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_posted_entry_is_read_back_as_written() =>
        Prop.ForAll(
            (from vector in Gen.Choose(0, 255) from urgent in Gen.Elements(false, true) select ((byte)vector, urgent)).ToArbitrary(),
            ArbMap.Default.GeneratorFor<ulong>().Select(address => address & ~63ul).ToArbitrary(),
            Sources.ToArbitrary(),
            (posted, descriptor, source) =>
            {
                (byte vector, bool urgent) = posted;
                RemappingTableEntry entry = RemappingTableEntry.Posted(vector, descriptor, urgent, source);
                return entry.IsPresent && entry.IsPosted && !entry.HasReservedBits(Unit, extended: true) && entry.Source == source
                    && entry.Vector == vector && entry.IsUrgent == urgent && entry.DescriptorAddress == descriptor;
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_entry_of_a_network_card_has_these_bits()
    {
        // Vector 0x41 for APIC 5, hint, fixed, edge, owner 01:00.0 checked in full: x2APIC and xAPIC form.
        RemappingTableEntry wide = RemappingBoard.Entry(0x41, apicId: 5, RemappingBoard.Nic), narrow = RemappingBoard.Entry(0x41, 5, RemappingBoard.Nic, extended: false);
        Assert.Equal("0000000000040100 0000000500410009", Bits(wide));
        Assert.Equal("0000000000040100 0000050000410009", Bits(narrow));
    }

    [Fact]
    public void The_entry_of_an_assigned_function_has_these_bits() =>
        Assert.Equal(
            "0000001200040100 345678c00051c001",
            Bits(RemappingTableEntry.Posted(0x51, 0x12_3456_78C0, urgent: true, SourceValidation.Only(RemappingBoard.Nic))));

    [Fact]
    public void Each_single_bit_of_an_entry_is_a_field_or_reserved()
    {
        Assert.Equal(
            """
            remapped, x2APIC  present..vector: 12-14 24-31  high: 84-127
            remapped, xAPIC   present..vector: 12-14 24-39 48-63  high: 84-127
            posted            present..vector: 2-7 12-13 24-37  high: 84-95
            """,
            $"""
            remapped, x2APIC  present..vector: {Reserved(1, 0, extended: true)}
            remapped, xAPIC   present..vector: {Reserved(1, 0, extended: false)}
            posted            present..vector: {Reserved(1 | 1 << 15, 0, extended: true)}
            """);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(6, true)]
    [InlineData(0, false)]
    [InlineData(7, false)]
    public void Delivery_modes_without_meaning_are_reserved(int mode, bool reserved) =>
        Assert.Equal(reserved, new RemappingTableEntry(1 | (ulong)mode << 5, 0).HasReservedBits(Unit, extended: true));

    [Fact]
    public void A_unit_that_cannot_post_takes_the_posted_bit_for_reserved()
    {
        RemappingTableEntry posted = RemappingTableEntry.Posted(0x51, 0x1000, urgent: false, SourceValidation.Anybody);
        Assert.True(posted.HasReservedBits(Unit with { PostedInterrupts = false }, extended: true));
        Assert.False(posted.HasReservedBits(Unit, extended: true));
    }

    [Fact]
    public void A_hint_with_a_logical_destination_asks_for_one_processor_of_the_set()
    {
        var message = new InterruptMessage(0x41, 0x0F, Logical: true);
        Assert.Equal(DeliveryMode.LowestPriority, RemappingTableEntry.Remapped(message, default, true, redirectionHint: true).ToMessage(true).Mode);
        Assert.Equal(DeliveryMode.Fixed, RemappingTableEntry.Remapped(message, default, true).ToMessage(true).Mode);
        Assert.Equal(DeliveryMode.Fixed, RemappingTableEntry.Remapped(message with { Logical = false }, default, true, redirectionHint: true).ToMessage(true).Mode);
    }

    private static string Bits(RemappingTableEntry entry) => $"{entry.High:x16} {entry.Low:x16}";

    /// <summary>Bits that, set alone on top of a valid entry, make it reserved; modes 3 and 6 are left out, they need two bits.</summary>
    private static string Reserved(ulong low, ulong high, bool extended)
    {
        string ranges = Ranges(Enumerable.Range(0, 64).Where(bit => new RemappingTableEntry(low | 1ul << bit, high).HasReservedBits(Unit, extended)));
        return $"{ranges}  high: {Ranges(Enumerable.Range(64, 64).Where(bit => new RemappingTableEntry(low, high | 1ul << bit - 64).HasReservedBits(Unit, extended)))}";
    }

    private static string Ranges(IEnumerable<int> bits)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (int bit in bits)
        {
            if (ranges.Count > 0 && ranges[^1].Last == bit - 1) ranges[^1] = (ranges[^1].First, bit);
            else ranges.Add((bit, bit));
        }
        return string.Join(' ', ranges.Select(range => $"{range.First}-{range.Last}"));
    }
}
