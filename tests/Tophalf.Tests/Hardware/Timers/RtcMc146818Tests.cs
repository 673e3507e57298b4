using System.Globalization;
using System.Text;
using Tophalf.Hardware.Timers;
using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Hardware.Timers;

public sealed class RtcMc146818Tests
{
    private readonly EventQueue _events = new();
    private readonly StringBuilder _line = new();
    private readonly RtcMc146818 _rtc;

    public RtcMc146818Tests() => _rtc = Clock(new DateTime(1999, 12, 31, 23, 59, 57));

    private RtcMc146818 Clock(DateTime start) =>
        new(start, (active, atPs) => _line.Append(CultureInfo.InvariantCulture, $"{(active ? '+' : '-')}{SimTime.Format(atPs)} "), _events);

    private byte Read(byte register)
    {
        _rtc.Write(RtcMc146818.IndexPort, register, _events.NowPs);
        return _rtc.Read(RtcMc146818.DataPort, _events.NowPs);
    }

    private void Write(byte register, byte value)
    {
        _rtc.Write(RtcMc146818.IndexPort, register, _events.NowPs);
        _rtc.Write(RtcMc146818.DataPort, value, _events.NowPs);
    }

    private string Time() => string.Create(
        CultureInfo.InvariantCulture, $"{Read(0x32):x2}{Read(9):x2}-{Read(8):x2}-{Read(7):x2} {Read(4):x2}:{Read(2):x2}:{Read(0):x2} day {Read(6)}");

    [Fact]
    public void The_century_turns()
    {
        Assert.Equal("1999-12-31 23:59:57 day 6", Time());
        _events.RunUntil(4 * SimTime.Second);
        Assert.Equal("2000-01-01 00:00:01 day 7", Time());
    }

    [Fact]
    public void Twelve_hours_mark_the_afternoon_and_know_no_hour_0()
    {
        Write(RtcMc146818.RegisterB, 0);
        _events.RunUntil(SimTime.Second);
        Assert.Equal(0x91, Read(4)); // 11 in the afternoon
        _events.RunUntil(3 * SimTime.Second);
        Assert.Equal(0x12, Read(4)); // 12 at midnight
    }

    [Fact]
    public void The_line_stays_up_until_register_c_is_read()
    {
        Write(RtcMc146818.RegisterB, RtcMc146818.UpdateEnable | RtcMc146818.Hours24);
        _events.RunUntil(3 * SimTime.Second + SimTime.Second / 2);
        Assert.Equal("+1 s", _line.ToString().TrimEnd());
        Assert.Equal(0xF0, Read(RtcMc146818.RegisterC)); // the request and the update; a period and midnight's alarm that nobody asked for
        _events.RunUntil(4 * SimTime.Second);
        Assert.Equal("+1 s -3.5 s +4 s", _line.ToString().TrimEnd());
    }

    [Fact]
    public void A_rate_of_6_ticks_1024_times_a_second()
    {
        Write(RtcMc146818.RegisterB, RtcMc146818.PeriodicEnable | RtcMc146818.Hours24);
        int ticks = 0;
        while (_events.NextPs <= SimTime.Second)
        {
            _events.RunOne();
            ticks++;
            Read(RtcMc146818.RegisterC);
        }
        Assert.Equal(1024, ticks);
    }

    [Theory]
    [InlineData(1, 256)]
    [InlineData(2, 128)]
    [InlineData(3, 8192)]
    [InlineData(15, 2)]
    [InlineData(0, 0)]
    public void Each_rate_has_its_frequency(byte rate, int ticksPerSecond)
    {
        Write(RtcMc146818.RegisterA, (byte)(0x20 | rate));
        Write(RtcMc146818.RegisterB, RtcMc146818.PeriodicEnable | RtcMc146818.Hours24);
        int ticks = 0;
        while (_events.NextPs <= SimTime.Second)
        {
            _events.RunOne();
            ticks++;
            Read(RtcMc146818.RegisterC);
        }
        Assert.Equal(ticksPerSecond, ticks);
    }

    [Fact]
    public void An_alarm_hours_away_is_one_event()
    {
        Write(1, 0x30);
        Write(3, 0x15);
        Write(5, 0x06);
        Write(RtcMc146818.RegisterB, RtcMc146818.AlarmEnable | RtcMc146818.Hours24);
        _events.RunUntil(10 * 3600 * SimTime.Second);
        Assert.Equal("+22530 s", _line.ToString().TrimEnd()); // 23:59:57 to 06:15:30
        Assert.Equal(1, _events.Fired);
        Assert.Equal(0xB0, Read(RtcMc146818.RegisterC) & 0xB0);
    }

    [Theory]
    [InlineData(0xFF, 0xFF, 0xFF, 1)]           // every second
    [InlineData(0xFF, 0xFF, 0x00, 3)]           // every minute, at its first second
    [InlineData(0xFF, 0x10, 0xC0, 603)]         // ten past every hour, every second of it
    [InlineData(0x23, 0x59, 0x57, 86_400)]      // this second, tomorrow
    [InlineData(0x23, 0x59, 0x58, 1)]
    public void Alarms_with_fields_that_do_not_care(byte hour, byte minute, byte second, int expectedSeconds)
    {
        Write(1, second);
        Write(3, minute);
        Write(5, hour);
        Write(RtcMc146818.RegisterB, RtcMc146818.AlarmEnable | RtcMc146818.Hours24);
        Assert.Equal(expectedSeconds * SimTime.Second, _events.NextPs);
    }

    [Fact]
    public void An_alarm_that_cannot_be_never_rings()
    {
        Write(3, 0x75);
        Write(RtcMc146818.RegisterB, RtcMc146818.AlarmEnable | RtcMc146818.Hours24);
        _events.RunUntil(200_000 * SimTime.Second);
        Assert.Equal("", _line.ToString());
    }

    [Fact]
    public void While_set_the_time_stands_and_no_update_ends()
    {
        Write(RtcMc146818.RegisterB, RtcMc146818.Set | RtcMc146818.UpdateEnable | RtcMc146818.Hours24);
        Assert.Equal(RtcMc146818.Set | RtcMc146818.Hours24, Read(RtcMc146818.RegisterB)); // SET takes the update interrupt away
        _events.RunUntil(5 * SimTime.Second);
        Assert.Equal(0, Read(RtcMc146818.RegisterC) & RtcMc146818.UpdateFlag);
        Write(0, 0x30);
        Write(RtcMc146818.RegisterB, RtcMc146818.Hours24);
        _events.RunUntil(6 * SimTime.Second);
        Assert.Equal("1999-12-31 23:59:31 day 6", Time());
    }

    [Fact]
    public void The_update_in_progress_bit_warns_244_microseconds_before()
    {
        _events.RunUntil(SimTime.Second - 245 * SimTime.Microsecond);
        Assert.Equal(0x26, Read(RtcMc146818.RegisterA));
        _events.RunUntil(SimTime.Second - 244 * SimTime.Microsecond);
        Assert.Equal(0xA6, Read(RtcMc146818.RegisterA));
        _events.RunUntil(SimTime.Second);
        Assert.Equal(0x26, Read(RtcMc146818.RegisterA));
    }

    [Fact]
    public void The_first_second_after_a_divider_reset_is_half_as_long()
    {
        Write(RtcMc146818.RegisterA, 0x76);
        _events.RunUntil(10 * SimTime.Second + SimTime.Second / 4);
        Write(RtcMc146818.RegisterA, 0x26);
        Read(RtcMc146818.RegisterC);
        Write(RtcMc146818.RegisterB, RtcMc146818.UpdateEnable | RtcMc146818.Hours24);
        Assert.Equal(10 * SimTime.Second + SimTime.Second * 3 / 4, _events.NextPs);
        Assert.Equal(0x57, Read(0));
    }

    [Fact]
    public void Memory_holds_and_the_two_read_only_registers_do_not_change()
    {
        Write(0x40, 0x5A);
        Write(RtcMc146818.RegisterC, 0xFF);
        Write(RtcMc146818.RegisterD, 0x00);
        Assert.Equal(0x5A, Read(0x40));
        Assert.Equal(0x00, Read(RtcMc146818.RegisterC));
        Assert.Equal(0x80, Read(RtcMc146818.RegisterD));
        Assert.Equal(0xFF, _rtc.Read(RtcMc146818.IndexPort, 0));
    }

    [Fact]
    public void Garbage_in_every_byte_stops_nobody()
    {
        RandomStream random = new(1, "garbage");
        for (int i = 0; i < 20_000; i++)
        {
            Write((byte)random.NextInt(128), (byte)random.NextUInt64());
            _events.RunUntil(_events.NowPs + random.NextInt(4) * SimTime.Second / 3);
            Read((byte)random.NextInt(128));
        }
    }
}
