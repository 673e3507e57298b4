using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Timers;
using Tophalf.Simulation;
using Xunit;
using Xunit.Abstractions;

namespace Tophalf.Tests.Oracle;

public sealed class QemuRtcTests(ITestOutputHelper output)
{
    internal enum Kind { SetClock, SetAlarm, Enable, ReadRegister, ReadFlags, WriteRam, ReadRam, Wait }

    /// <summary><c>Value</c> is a random number the kind of step makes something of.</summary>
    internal readonly record struct Step(Kind Kind, ulong Value);

    [QemuFact]
    public void The_real_time_clock_answers_as_QEMU_does()
    {
        using QemuGuest guest = new("-rtc", "base=2026-03-01T12:00:00,clock=vm");
        Subject subject = new();
        subject.Run(guest, seed: 146818, operations: QemuBudget.Operations, length: 40);
        output.WriteLine($"{subject.Operations} operations");
    }

    private sealed class Subject : GuestSubject<Step>
    {
        private const long SlackPs = 2 * QemuGuest.InstructionPs, WarningPs = 8 * SimTime.Second / 32_768;
        private const byte Running = 0x26, DividerReset = 0x76;
        private static readonly byte[] Registers = [0, 0, 2, 4, 6, 7, 8, 9, 0x32, 0x0A, 0x0A, 0x0B, 0x0D, 1, 3, 5];

        private Pic8259Pair _pair = null!;
        private RtcMc146818 _rtc = null!;
        private byte _registerB;
        private long _releasedPs;
        private readonly bool[] _ramWritten = new bool[128];

        protected override void Reset()
        {
            _releasedPs = 0;
            Array.Clear(_ramWritten);
            _pair = new Pic8259Pair((_, _) => { });
            _rtc = new RtcMc146818(new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Unspecified), (active, atPs) => _pair.SetLine(8, active, atPs), Events);
            foreach ((ushort port, byte value) in new (ushort, byte)[] { (0x43, 0x30), (0x40, 0xFF), (0x40, 0xFF) }) Do(GuestStep.Out(port, value));
            foreach ((ushort port, byte value) in new (ushort, byte)[] { (0x20, 0x10), (0x21, 0x20), (0x21, 4), (0xA0, 0x10), (0xA1, 0x28), (0xA1, 2), (0x21, 1) })
                Out(port, value); // line 0 is masked: the 8254 speaks up there after a while
            SetClock(0x1234_5678_9ABC_DEF0);
            ReadFlags(compare: false);
        }

        protected override Step Invent(RandomStream random) => new(random.NextInt(16) switch
        {
            0 => Kind.SetClock,
            < 3 => Kind.SetAlarm,
            3 => Kind.Enable,
            < 7 => Kind.ReadRegister,
            < 10 => Kind.ReadFlags,
            10 => Kind.WriteRam,
            11 => Kind.ReadRam,
            _ => Kind.Wait,
        }, random.NextUInt64());

        protected override void Take(Step step)
        {
            switch (step.Kind)
            {
                case Kind.SetClock: SetClock(step.Value); break;
                case Kind.SetAlarm: SetAlarm(step.Value); break;
                case Kind.Enable: Enable((byte)(step.Value & 0x30)); break;
                case Kind.ReadRegister:
                    Read(Registers[step.Value % (ulong)Registers.Length], 0xFF);
                    break;
                case Kind.ReadFlags: ReadFlags(compare: true); break;
                case Kind.WriteRam: WriteRam(RamCell(step.Value), (byte)(step.Value >> 8)); break;
                case Kind.ReadRam: Read(RamCell(step.Value), _ramWritten[RamCell(step.Value)] ? (byte)0xFF : (byte)0); break;
                default: Wait((long)(step.Value % 1500) * SimTime.Millisecond / (1 + (long)(step.Value >> 60))); break;
            }
        }

        /// <summary>General memory lies above register D; 0x32 is the century, and QEMU has it at 0x37 too, where the PS/2 had it.</summary>
        private static byte RamCell(ulong value) => (byte)(value % 128) is var cell and >= 0x0E and not 0x32 and not 0x37 ? cell : (byte)0x40;

        /// <summary>As software must: SET, divider in reset, the bytes, divider released, SET off. The next update comes half a second after the release.</summary>
        private void SetClock(ulong random)
        {
            Enable(0); // the line must not fall unheard
            byte format = (byte)(random >> 3 & 6);
            int hour = (int)(random >> 8 & 0xFF) % 24;
            bool nearMidnight = (random & 1) != 0, nearMonthEnd = (random & 2) != 0;
            if (nearMidnight) hour = 23;
            int minute = nearMidnight ? 59 : (int)(random >> 16 & 0xFF) % 60, second = nearMidnight ? 57 : (int)(random >> 24 & 0xFF) % 60;
            int year = 1971 + (int)(random >> 32 & 0xFFF) % 66, month = 1 + (int)(random >> 44 & 0xF) % 12;
            int day = nearMonthEnd ? DateTime.DaysInMonth(year, month) : 1 + (int)(random >> 48 & 0xFF) % 28;
            int weekday = (int)new DateTime(year, month, day).DayOfWeek + 1;
            Write(RtcMc146818.RegisterB, (byte)(RtcMc146818.Set | format));
            Write(RtcMc146818.RegisterA, DividerReset);
            byte Byte(int value) => (byte)((format & RtcMc146818.Binary) != 0 ? value : value / 10 << 4 | value % 10);
            Write(0, Byte(second));
            Write(2, Byte(minute));
            Write(4, HourByte(hour, format));
            Write(6, Byte(weekday));
            Write(7, Byte(day));
            Write(8, Byte(month));
            Write(9, Byte(year % 100));
            Write(0x32, Byte(year / 100));
            Write(RtcMc146818.RegisterB, format);
            _registerB = format;
            Write(RtcMc146818.RegisterA, Running);
            _releasedPs = Events.NowPs;
            // An alarm in another format than before would be garbage, so each setting begins with one that rings every second.
            foreach (byte register in new byte[] { 1, 3, 5 }) Write(register, 0xC0);
        }

        private static byte HourByte(int hour, byte format)
        {
            bool binary = (format & RtcMc146818.Binary) != 0;
            int shown = (format & RtcMc146818.Hours24) != 0 ? hour : hour % 12 == 0 ? 12 : hour % 12;
            int digits = binary ? shown : shown / 10 << 4 | shown % 10;
            return (byte)(digits | ((format & RtcMc146818.Hours24) == 0 && hour >= 12 ? 0x80 : 0));
        }

        /// <summary>Each field a few steps ahead of the present one, or don't care, so that alarms do ring.</summary>
        private void SetAlarm(ulong random)
        {
            int Decode(byte value) => (_registerB & RtcMc146818.Binary) != 0 ? value : (value >> 4) * 10 + (value & 15);
            byte Byte(int value) => (byte)((_registerB & RtcMc146818.Binary) != 0 ? value : value / 10 << 4 | value % 10);
            byte second = (random & 3) == 0 ? (byte)0xFF : Byte((Decode(Peek(0)) + 1 + (int)(random >> 8 & 3)) % 60);
            byte minute = (random & 4) != 0 ? (byte)0xC0 : Byte((Decode(Peek(2)) + (int)(random >> 16 & 1)) % 60);
            byte hour = (random & 8) != 0 ? (byte)0xC5 : Peek(4);
            Write(1, second);
            Write(3, minute);
            Write(5, hour);
        }

        private void Enable(byte enables)
        {
            // A flag that is already up would interrupt at once, and the line has been heard or not: both sides start from clear flags.
            ReadFlags(compare: false);
            _registerB = (byte)((_registerB & 6) | enables);
            Write(RtcMc146818.RegisterB, _registerB);
        }

        private void ReadFlags(bool compare)
        {
            Serve();
            Reach();
            // The line falls with this read, and with it, on ours alone, a request that came this very moment and that nobody has heard yet.
            if ((_pair.Slave.State.EdgeLatches & 1) != 0) return;
            // QEMU's periodic flag needs the periodic enable and starts its period with it; the chip taps a divider that always runs.
            Read(RtcMc146818.RegisterC, compare ? (byte)0xB0 : (byte)0);
        }

        /// <summary>Has line 8 been heard? The handler's part of the 8259s: acknowledge by polling, then end; the master first, as INTA does.</summary>
        private void Serve()
        {
            foreach (ushort command in new ushort[] { 0x20, 0xA0 })
            {
                Out(command, 0x0C);
                long atPs = Reach();
                Do(GuestStep.In(command), _pair.Read(command, atPs), 0xFF);
                Out(command, 0x20);
            }
        }

        private void WriteRam(byte cell, byte value)
        {
            _ramWritten[cell] = true; // before, it holds what QEMU's board put there for its firmware
            Write(cell, value);
        }

        /// <summary>
        /// Brings ours to the next access. QEMU's timers fire between two instructions, so an access in the very instruction of an update, or of its warning,
        /// would be a toss-up: the guest waits a little first.
        /// </summary>
        private long Reach()
        {
            while (true)
            {
                long intoSecondPs = (Arrive() - _releasedPs + SimTime.Second / 2) % SimTime.Second;
                bool isAtWarning = Math.Abs(intoSecondPs - (SimTime.Second - WarningPs)) < SlackPs;
                if (intoSecondPs > SlackPs && intoSecondPs < SimTime.Second - SlackPs && !isAtWarning) return Events.NowPs;
                Do(GuestStep.Wait(0));
            }
        }

        private byte Peek(byte register)
        {
            _rtc.Write(RtcMc146818.IndexPort, register, Events.NowPs);
            return _rtc.Read(RtcMc146818.DataPort, Events.NowPs);
        }

        private void Write(byte register, byte value)
        {
            Out(RtcMc146818.IndexPort, register);
            Out(RtcMc146818.DataPort, value);
        }

        private void Read(byte register, byte mask)
        {
            Out(RtcMc146818.IndexPort, register);
            long atPs = Reach();
            Do(GuestStep.In(RtcMc146818.DataPort), _rtc.Read(RtcMc146818.DataPort, atPs), mask);
        }

        private void Out(ushort port, byte value)
        {
            long atPs = Reach();
            if (Pic8259Pair.Owns(port)) _pair.Write(port, value, atPs);
            else _rtc.Write(port, value, atPs);
            Do(GuestStep.Out(port, value));
        }

        private void Wait(long ps)
        {
            Reach();
            Do(GuestStep.Wait(ps));
        }
    }
}
