using System.Globalization;
using System.Text;
using Tophalf.Hardware.Timers;
using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Hardware.Timers;

public sealed class HpetTests : IHpetBoard
{
    private const long NsPerCount = 10;
    private const uint Level = 2, Enable = 4, Periodic = 8, SetsAccumulator = 0x40, Only32Bit = 0x100, ByMessage = 0x4000, Route20 = 20 << 9;

    private readonly EventQueue _events = new();
    private readonly StringBuilder _wires = new();
    private readonly Hpet _hpet;

    public HpetTests() => _hpet = new Hpet(NsPerCount * 1_000_000, allowedRoutes: 0xFF_0000, canSendMessages: true, this, _events);

    void IHpetBoard.SetPin(int pin, bool active, long atPs) => Note(atPs, $"pin{pin}{(active ? '+' : '-')}");
    void IHpetBoard.SetLegacyLine(int isaIrq, bool active, long atPs) => Note(atPs, $"irq{isaIrq}{(active ? '+' : '-')}");
    void IHpetBoard.ReplaceLegacyTimers(bool replaced, long nowPs) => Note(nowPs, $"legacy{(replaced ? '+' : '-')}");
    void IHpetBoard.SendMessage(uint address, uint data, long nowPs) => Note(nowPs, $"{address:x}={data:x}");

    private void Note(long atPs, string what) => _wires.Append(CultureInfo.InvariantCulture, $"{atPs / SimTime.Nanosecond / NsPerCount}:{what} ");

    private string Wires => _wires.ToString().TrimEnd();

    private void Write(uint offset, uint value) => _hpet.Write32(offset, value, _events.NowPs);
    private uint Read(uint offset) => _hpet.Read32(offset, _events.NowPs);
    private void GoTo(long count) => _events.RunUntil(count * NsPerCount * SimTime.Nanosecond);

    [Fact]
    public void Capabilities_tell_period_width_and_timers()
    {
        Assert.Equal(0x8086_A201u, Read(0x000));
        Assert.Equal(10_000_000u, Read(0x004));
        Assert.Equal(0x0000_8030u, Read(0x100));
        Assert.Equal(0x00FF_0000u, Read(0x104));
        Assert.Equal(0u, Read(0x160)); // there is no fourth timer
    }

    [Fact]
    public void A_one_shot_rises_once_at_its_comparator()
    {
        Write(0x108, 500);
        Write(0x10C, 0);
        Write(0x100, Enable | Route20);
        Write(0x010, 1);
        GoTo(2000);
        Assert.Equal("500:pin20+", Wires);
        Assert.Equal(0u, Read(0x020));
        Assert.Equal(2000u, Read(0x0F0));
    }

    [Fact]
    public void A_periodic_level_timer_keeps_its_line_up_until_status_is_cleared()
    {
        Write(0x100, Enable | Level | Periodic | SetsAccumulator | Only32Bit | Route20);
        Write(0x108, 300);
        Write(0x010, 1);
        GoTo(700);
        Assert.Equal(1u, Read(0x020));
        Write(0x020, 1);
        Assert.Equal(900u, Read(0x108));
        GoTo(1000);
        Assert.Equal("300:pin20+ 700:pin20- 900:pin20+", Wires);
    }

    [Fact]
    public void Setting_the_accumulator_and_the_period_takes_two_writes()
    {
        Write(0x100, Enable | Periodic | SetsAccumulator | Route20);
        Write(0x10C, 0);
        Write(0x100, Enable | Periodic | SetsAccumulator | Route20);
        Write(0x108, 1000);
        Write(0x108, 250);
        Write(0x010, 1);
        GoTo(1600);
        Assert.Equal("1000:pin20+ 1250:pin20- 1250:pin20+ 1500:pin20- 1500:pin20+", Wires);
    }

    [Fact]
    public void Legacy_replacement_moves_timers_0_and_1_to_lines_0_and_8()
    {
        foreach (uint timer in new uint[] { 0x100, 0x120, 0x140 })
        {
            Write(timer, Enable | Only32Bit | Route20);
            Write(timer + 8, timer);
        }
        Write(0x010, 3);
        GoTo(1000);
        Assert.Equal("0:legacy+ 256:irq0+ 288:irq8+ 320:pin20+", Wires);
        Write(0x010, 1);
        Assert.EndsWith("1000:legacy- 1000:irq0- 1000:irq8-", Wires, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_timer_writes_its_data_to_its_address()
    {
        Write(0x130, 0x41);
        Write(0x134, 0xFEE0_5000);
        Write(0x120, Enable | Periodic | SetsAccumulator | Only32Bit | ByMessage);
        Write(0x128, 100);
        Write(0x010, 1);
        GoTo(250);
        Assert.Equal("100:fee05000=41 200:fee05000=41", Wires);
    }

    [Fact]
    public void A_timer_without_interrupt_enable_still_sets_its_status()
    {
        Write(0x100, Level | Only32Bit | Route20);
        Write(0x108, 100);
        Write(0x010, 1);
        GoTo(200);
        Assert.Equal(1u, Read(0x020));
        Assert.Equal("", Wires);
        Assert.Equal(0, _events.Fired);
    }

    [Fact]
    public void A_comparator_behind_the_counter_waits_for_the_wrap()
    {
        Write(0x0F0, 0xFFFF_FF00);
        Write(0x100, Enable | Only32Bit | Route20);
        Write(0x108, 0x10);
        Write(0x010, 1);
        GoTo(0x200);
        Assert.Equal("272:pin20+", Wires);
        Assert.Equal(1u, Read(0x0F4)); // the counter itself has 64 bits
    }

    [Fact]
    public void A_stopped_counter_stands_and_goes_on_where_it_was()
    {
        Write(0x010, 1);
        GoTo(100);
        Write(0x010, 0);
        GoTo(500);
        Assert.Equal(100u, Read(0x0F0));
        Write(0x010, 1);
        GoTo(600);
        Assert.Equal(200ul, _hpet.Read64(0x0F0, _events.NowPs));
    }

    [Fact]
    public void A_route_the_timer_does_not_have_reads_back_as_the_old_one()
    {
        Write(0x100, Route20);
        Write(0x100, 3 << 9);
        Assert.Equal(20u, Read(0x100) >> 9 & 0x1F);
    }

    [Fact]
    public void Whole_writes_of_64_bits_are_taken_whole()
    {
        _hpet.Write64(0x108, 0x1_0000_0000, 0);
        _hpet.Write64(0x0F0, 0xFFFF_FF00, 0);
        _hpet.Write64(0x100, Enable | Route20, 0);
        _hpet.Write64(0x010, 1, 0);
        GoTo(1000);
        Assert.Equal("256:pin20+", Wires);
    }

    [Fact]
    public void No_sequence_of_writes_breaks_it()
    {
        RandomStream random = new(1, "writes");
        for (int i = 0; i < 20_000; i++)
        {
            Write((uint)random.NextInt(0x400) & ~3u, (uint)random.NextUInt64() >> random.NextInt(32) | (random.NextInt(2) == 0 ? 0x10000u : 0));
            _events.RunUntil(_events.NowPs + random.NextInt(100) * SimTime.Nanosecond);
        }
    }
}
