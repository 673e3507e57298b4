using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Simulation;

public class CostSetTests
{
    public static TheoryData<string> BuiltInNames => [.. CostSet.BuiltInNames];

    [Fact]
    public void Four_sets_come_with_the_program() =>
        Assert.Equal(["guest", "guest-nested", "livelock1996", "server-3ghz", "textbook"], CostSet.BuiltInNames);

    [Theory]
    [MemberData(nameof(BuiltInNames))]
    public void Every_row_has_a_unit_a_range_a_status_and_a_source(string name)
    {
        CostSet set = CostSet.BuiltIn(name);
        Assert.Equal(name, set.Name);
        Assert.NotEmpty(set.About);
        Assert.All(set.Entries, row =>
        {
            Assert.Contains(row.Unit, new[] { "ns", "us", "ns/byte" });
            Assert.Matches(@"^(-|[0-9.]+-[0-9.]+)$", row.Range);
            Assert.True(Enum.IsDefined(row.Status));
            Assert.True(row.Source.Length > 10, row.Primitive);
        });
    }

    [Fact]
    public void Textbook_delivery_takes_305_ns()
    {
        CostSet textbook = CostSet.BuiltIn("textbook");
        long[] parts = [.. new[] { "bus_message", "apic_accept", "instruction_boundary", "vectoring", "kernel_entry" }.Select(textbook.Ps)];
        Assert.Equal([100_000, 50_000, 5_000, 50_000, 100_000], parts);
        Assert.Equal("305 ns", SimTime.Format(parts.Sum()));
    }

    [Theory]
    [InlineData("textbook", "2 us")]
    [InlineData("livelock1996", "60 us")]
    public void A_whole_interrupt_keeps_the_cpu_for(string set, string time) => Assert.Equal(
        time,
        SimTime.Format(Sum(set, "instruction_boundary", "vectoring", "kernel_entry", "flow_handler", "top_half", "eoi", "irq_return")));

    [Fact]
    public void Livelock_protocol_work_is_150_us_per_packet() => Assert.Equal(
        "150 us",
        SimTime.Format(Sum(
            "livelock1996",
            "softirq_raise", "softirq_entry", "napi_poll", "rx_driver", "rx_skb", "rx_gro", "rx_stack", "udp_deliver", "napi_complete")));

    [Fact]
    public void An_early_drop_costs_the_200_ns_that_were_measured() =>
        Assert.Equal("200 ns", SimTime.Format(Sum("server-3ghz", "rx_driver", "rx_skb", "rx_gro", "rx_stack")));

    [Theory]
    [InlineData("server-3ghz", 600, "eoi")]
    [InlineData("guest", 1446, "ipi_send")]
    public void The_parts_of_an_ipi_add_up_to_what_was_measured_from_send_to_handler(string set, int wholeNs, string endToEndPart) => Assert.Equal(
        wholeNs * SimTime.Nanosecond,
        Sum(set, endToEndPart, "ipi_flight", "apic_accept", "instruction_boundary", "vectoring", "kernel_entry"));

    [Theory]
    [InlineData("eoi")]
    [InlineData("ipi_send")]
    [InlineData("timer_program")]
    public void Touching_the_apic_of_a_guest_costs_one_exit_more(string primitive) =>
        Assert.Equal(710 * SimTime.Nanosecond, Sum("guest", primitive) - Sum("server-3ghz", primitive));

    [Fact]
    public void Copying_is_kept_finer_than_a_picosecond()
    {
        Assert.Equal(70, CostSet.BuiltIn("server-3ghz").PsPerByte("copy_per_byte"));
        Assert.Equal(0.0625, Parse("set a\ncopy 0.0000625 ns/byte - TEXT x").PsPerByte("copy"));
    }

    [Fact]
    public void A_set_takes_what_it_does_not_replace_from_the_set_it_extends()
    {
        CostSet mine = CostSet.Parse(
            new StringReader("set mine\nextends server-3ghz\nabout An old machine,\nabout slow at EOI.\neoi 1.5 us 1-2 VERIFIED  measured here\n"),
            "mine.costs",
            CostSet.OpenBuiltIn);
        Assert.Equal("mine: An old machine, slow at EOI.", $"{mine.Name}: {mine.About}");
        Assert.Equal(1_500_000, mine.Ps("eoi"));
        Assert.Equal(200_000, mine.Ps("eoi_ioapic"));
        CostEntry eoi = mine.Entries.Single(e => e.Primitive == "eoi");
        Assert.Equal(new CostEntry("eoi", 1_500_000, "us", "1-2", CostStatus.VERIFIED, "measured here"), eoi);
        Assert.Equal(CostSet.BuiltIn("server-3ghz").Entries.Select(e => e.Primitive), mine.Entries.Select(e => e.Primitive));
    }

    [Fact]
    public void A_misspelt_primitive_is_answered_with_the_nearest_names()
    {
        CostSet set = CostSet.BuiltIn("server-3ghz");
        string message = Assert.Throws<KeyNotFoundException>(() => set.Ps("kernel_enty")).Message;
        Assert.StartsWith("cost set server-3ghz has no primitive 'kernel_enty'; the nearest are kernel_entry, ", message);
        Assert.Contains("ask for it per byte", Assert.Throws<KeyNotFoundException>(() => set.Ps("copy_per_byte")).Message);
        Assert.Contains("ask for it as a time", Assert.Throws<KeyNotFoundException>(() => set.PsPerByte("eoi")).Message);
    }

    [Fact]
    public void An_unknown_set_is_answered_with_the_known_ones() => Assert.Equal(
        "there is no cost set 'server-9ghz'; write one of guest, guest-nested, livelock1996, server-3ghz, textbook",
        Assert.Throws<CostSetException>(() => CostSet.BuiltIn("server-9ghz")).Message);

    [Theory]
    [InlineData("eoi 25 ns - TEXT x", "t.costs:1:1: a row before the name of the set; begin with a line 'set NAME'")]
    [InlineData("# nothing", "t.costs:1:1: the set has no name; begin with a line 'set NAME'")]
    [InlineData("set A", "t.costs:1:5: 'A' cannot be the name of a set; write small letters, digits and '-', at most 64")]
    [InlineData("set a\nset b", "t.costs:2:1: the set already has the name a; keep one 'set' line")]
    [InlineData("set a\nextends ../b", "t.costs:2:9: '../b' cannot be the name of a set; write small letters, digits and '-', at most 64")]
    [InlineData("set a\nextends b", "t.costs:2:9: there is no cost set 'b'; write the name of a set, such as server-3ghz")]
    [InlineData("set a\neoi 1 ns - TEXT x\nextends textbook", "t.costs:3:1: 'extends' comes too late or twice; write it once, above the first row")]
    [InlineData("set a\n\n  eoi  25  sec  - TEXT x", "t.costs:3:12: 'sec' is not a unit; write ns, us or ns/byte")]
    [InlineData("set a\neoi 25", "t.costs:2:7: '' is not a unit; write ns, us or ns/byte")]
    [InlineData("set a\neoi -25 ns - TEXT x", "t.costs:2:5: '-25' is not a cost; write a number such as 100 or 0.07")]
    [InlineData("set a\neoi 1e99 ns - TEXT x", "t.costs:2:5: '1e99' is not a cost; write a number such as 100 or 0.07")]
    [InlineData("set a\neoi 2000000 us - TEXT x", "t.costs:2:5: the cost is more than a second; write the cost of a single step")]
    [InlineData("set a\neoi 0.0005 ns - TEXT x",
        "t.costs:2:5: the cost has a fraction of a picosecond; write at most three decimals of a nanosecond")]
    [InlineData("set a\neoi 25 ns 10..60 TEXT x",
        "t.costs:2:11: '10..60' is not a range; write FROM-TO in the unit of the row, or - if it is not known")]
    [InlineData("set a\neoi 25 ns 30-60 TEXT x", "t.costs:2:11: the value 25 is outside its own range; correct one of the two")]
    [InlineData("set a\neoi 25 ns 10-60 GUESS x", "t.costs:2:17: 'GUESS' is not a status; write VERIFIED, DERIVED, TEXT, RECALLED")]
    [InlineData("set a\neoi 25 ns 10-60 1 x", "t.costs:2:17: '1' is not a status; write VERIFIED, DERIVED, TEXT, RECALLED")]
    [InlineData("set a\neoi 25 ns 10-60 TEXT", "t.costs:2:21: the row has no source; say where the value was read or how it was derived")]
    [InlineData("set a\neoi 25 ns - TEXT x\neoi 26 ns - TEXT x", "t.costs:3:1: 'eoi' is given twice; remove one of the rows")]
    [InlineData("set a\nextends textbook\neio 25 ns - TEXT x", "t.costs:3:1: textbook has no 'eio' to replace; the nearest are eoi, tick, rx_gro")]
    [InlineData("set a\nextends textbook\neoi 25 ns/byte - TEXT x",
        "t.costs:3:8: in textbook 'eoi' is in ns; keep a time a time and a cost per byte a cost per byte")]
    public void A_wrong_table_is_refused_with_the_place_and_the_remedy(string table, string message) =>
        Assert.Equal(message, Assert.Throws<CostSetException>(() => Parse(table)).Message);

    [Fact]
    public void An_error_in_an_extended_set_names_that_file()
    {
        CostSetException error = Assert.Throws<CostSetException>(() => CostSet.Load(
            "top", name => new StringReader(name == "top" ? "set top\nextends base" : "set base\neoi x ns - TEXT x")));
        Assert.StartsWith("base.costs:2:5: 'x' is not a cost", error.Message);
    }

    [Fact]
    public void Sets_that_extend_one_another_in_a_circle_are_refused() => Assert.StartsWith(
        "b.costs:2:9: more than 8 sets extend one another",
        Assert.Throws<CostSetException>(
            () => CostSet.Load("b", name => new StringReader($"set {name}\nextends {(name == "a" ? "b" : "a")}"))).Message);

    [Fact]
    public void A_table_of_endless_length_is_refused() => Assert.StartsWith(
        "t.costs:1:1: the table is longer than 262144 characters",
        Assert.Throws<CostSetException>(() => Parse(new string('x', 1_000_000))).Message);

    [Fact]
    public void A_long_word_is_cut_in_the_message() => Assert.Contains(
        $"'{new string('x', 40)}...' cannot be", Assert.Throws<CostSetException>(() => Parse("set " + new string('x', 1000))).Message);

    private static CostSet Parse(string table) => CostSet.Parse(new StringReader(table), "t.costs", CostSet.OpenBuiltIn);

    private static long Sum(string set, params string[] primitives)
    {
        CostSet costs = CostSet.BuiltIn(set);
        return primitives.Sum(costs.Ps);
    }
}
