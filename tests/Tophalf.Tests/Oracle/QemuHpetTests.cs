using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Pci;
using Tophalf.Hardware.Timers;
using Tophalf.Simulation;
using Xunit;
using Xunit.Abstractions;

namespace Tophalf.Tests.Oracle;

public sealed class QemuHpetTests(ITestOutputHelper output)
{
    internal enum Kind { Configure, ConfigureTimer, Compare, CompareHigh, Message, Counter, ClearStatus, Read, Serve, Wait }

    /// <summary><c>Timer</c> is 0 to 2, <c>Value</c> what is written, a distance in counts, an offset, or a time in microseconds.</summary>
    internal readonly record struct Step(Kind Kind, uint Timer, uint Value);

    [QemuFact]
    public void The_HPET_answers_as_QEMU_does()
    {
        using QemuGuest guest = new("-global", "hpet.msi=on", "-global", "hpet.hpet-intcap=0xff0001");
        Subject subject = new();
        subject.Run(guest, seed: 1000, operations: QemuBudget.Operations, length: 100);
        output.WriteLine($"{subject.Operations} operations");
    }

    private sealed class Subject : GuestSubject<Step>, IHpetBoard
    {
        private const uint Base = (uint)Hpet.BaseAddress, AllowedRoutes = 0xFF_0001, Level = 2, Enable = 4, Periodic = 8, Set = 0x40, Only32Bit = 0x100;
        private const uint ByMessage = 0x4000, Timers = 3, FarthestCounts = 1u << 30, NearestCounts = 2_000;
        private const long QemuPeriodFs = 10_000_000, SlackPs = QemuGuest.InstructionPs + 20 * SimTime.Nanosecond;
        private static readonly uint[] Registers =
        [
            0x000, 0x004, 0x010, 0x014, 0x020, 0x0F0, 0x0F4,
            .. Enumerable.Range(0, 3).SelectMany(n => new[] { 0x100u, 0x104u, 0x108u, 0x10Cu, 0x110u, 0x114u }.Select(r => r + 0x20u * (uint)n)),
        ];

        private readonly List<string> _messages = [];
        private readonly ulong[] _written = new ulong[Timers];
        private int _changes; // of any line
        private Hpet _hpet = null!;
        private Pic8259Pair _pair = null!;

        protected override List<string> Messages => _messages;

        public void SetPin(int pin, bool active, long atPs) => _changes++;

        public void SetLegacyLine(int isaIrq, bool active, long atPs)
        {
            _changes++;
            _pair.SetLine(isaIrq, active, atPs);
        }

        public void ReplaceLegacyTimers(bool replaced, long nowPs)
        {
        }

        public void SendMessage(uint address, uint data, long nowPs)
        {
            MsiMessage message = new(address, data);
            if (!message.IsInterrupt) return; // the register was never written: an ordinary write to memory
            InterruptMessage m = message.Decode();
            _messages.Add(FormattableString.Invariant(
                $"apic_deliver_irq dest {(byte)m.Destination} dest_mode {(m.Logical ? 1 : 0)} delivery_mode {(int)m.Mode} vector {m.Vector} trigger_mode {(m.Level ? 1 : 0)}"));
        }

        protected override void Reset()
        {
            _messages.Clear();
            Array.Fill(_written, ulong.MaxValue);
            _pair = new Pic8259Pair((_, _) => { });
            _hpet = new Hpet(QemuPeriodFs, AllowedRoutes, canSendMessages: true, this, Events);
            // The 8254 would speak up on line 0 after 27 ms: one long count keeps it quiet. Then the 8259s forget what they heard.
            foreach ((ushort port, byte value) in new (ushort, byte)[] { (0x43, 0x30), (0x40, 0xFF), (0x40, 0xFF) }) Do(GuestStep.Out(port, value));
            foreach ((ushort port, byte value) in new (ushort, byte)[] { (0x20, 0x10), (0x21, 0x20), (0x21, 4), (0xA0, 0x10), (0xA1, 0x28), (0xA1, 2) })
                Out(port, value);
            // QEMU's reset leaves the message registers as they are.
            for (uint timer = 0; timer < Timers; timer++)
            {
                WriteRegister(TimerRegister(timer, 0x10), 0);
                WriteRegister(TimerRegister(timer, 0x14), 0);
                // A disabled timer of QEMU pulls the line of its route low at every match, so none may be left at route 0, the legacy line.
                WriteRegister(TimerRegister(timer, 0), 16 << 9);
            }
        }

        /// <summary>The guest halts at the end, but its clock goes on: the counter is stopped before, lest it sends more.</summary>
        protected override void Finish() => WriteRegister(0x10, 0);

        protected override Step Invent(RandomStream random)
        {
            uint timer = (uint)random.NextInt(3), any = (uint)random.NextUInt64();
            return random.NextInt(16) switch
            {
                0 => new Step(Kind.Configure, 0, any & 3 | (random.NextInt(4) == 0 ? 0u : 1)),
                < 4 => new Step(Kind.ConfigureTimer, timer, any & (Level | Enable | Periodic | Set | Only32Bit | ByMessage) | (16 | any >> 29) << 9),
                < 7 => new Step(Kind.Compare, timer, NearestCounts + (uint)random.NextInt(60_000)),
                7 => new Step(Kind.CompareHigh, timer, 0),
                8 => new Step(Kind.Message, timer, any),
                9 => new Step(Kind.Counter, (uint)random.NextInt(2), any & 0xFFFFF),
                10 => new Step(Kind.ClearStatus, 0, any & 7),
                < 13 => new Step(Kind.Read, 0, Registers[random.NextInt(Registers.Length)]),
                13 => new Step(Kind.Serve, 0, 0),
                _ => new Step(Kind.Wait, 0, (uint)random.NextInt(400)),
            };
        }

        protected override void Take(Step step)
        {
            Reach(); // what is decided below depends on what has happened by then
            switch (step.Kind)
            {
                case Kind.Configure: Configure(step.Value); break;
                case Kind.ConfigureTimer: ConfigureTimer(step.Timer, step.Value); break;
                case Kind.Compare: WriteComparator(step.Timer, step.Value); break;
                case Kind.CompareHigh:
                    if (!IsOn) WriteRegister(TimerRegister(step.Timer, 0xC), 0);
                    break;
                case Kind.Message:
                    WriteRegister(TimerRegister(step.Timer, 0x14), 0xFEE0_0000 | step.Value & 0x7000);
                    WriteRegister(TimerRegister(step.Timer, 0x10), 0x20 | step.Value & 0xDF);
                    break;
                case Kind.Counter:
                    // Writing a running counter does nothing in QEMU; the specification forbids it.
                    if (!IsOn) WriteRegister(0xF0 + 4 * step.Timer, step.Timer == 0 ? step.Value : 0);
                    break;
                case Kind.ClearStatus:
                    if (!HasLatchedEdge) WriteRegister(0x20, step.Value);
                    break;
                case Kind.Read: ReadRegister(step.Value); break;
                case Kind.Serve: Serve(); break;
                default: Wait(step.Value * SimTime.Microsecond); break;
            }
        }

        private bool IsOn => (_hpet.Read64(0x10, Events.NowPs) & 1) != 0;
        private bool HasLatchedEdge => (_pair.Master.State.EdgeLatches | _pair.Slave.State.EdgeLatches) != 0;
        private static uint TimerRegister(uint timer, uint register) => 0x100 + 0x20 * timer + register;
        private ulong Configuration(uint timer) => _hpet.Read64(TimerRegister(timer, 0), Events.NowPs);
        private ulong Comparator(uint timer) => _hpet.Read64(TimerRegister(timer, 8), Events.NowPs);
        private ulong Pending => _hpet.Read64(0x20, Events.NowPs);

        private void Configure(uint value)
        {
            long atPs = Reach();
            // QEMU forgets the status bits when the counter stops; the specification leaves them to software. A line that falls is an 8259 case.
            if (Pending != 0 || HasLatchedEdge) return;
            if ((value & 1) != 0 && !IsOn)
            {
                for (uint timer = 0; timer < Timers; timer++)
                {
                    if (_written[timer] != ulong.MaxValue && !IsAhead(timer, Comparator(timer), _hpet.CounterAt(atPs))) return;
                }
            }
            WriteRegister(0x10, value);
        }

        private void ConfigureTimer(uint timer, uint value)
        {
            long atPs = Reach();
            if (Pending != 0 || HasLatchedEdge) return;
            // A message cannot be level-triggered, and QEMU fires twice, one count apart, at every match of a periodic timer.
            if ((value & ByMessage) != 0 && (value & (Level | Periodic)) != 0) return;
            ulong width = (value & Only32Bit) != 0 ? uint.MaxValue : ulong.MaxValue;
            bool starts = (value & Enable) != 0 && (Configuration(timer) & Enable) == 0;
            ulong comparator = Comparator(timer) & width;
            // QEMU's disabled timer does not run, ours does as §2.3.8 says: only a comparator nobody has moved is the same on both sides.
            if (starts && comparator != (_written[timer] & width)) return;
            if (IsOn && (starts || (value & Enable) != 0) && !IsAhead(timer, comparator, _hpet.CounterAt(atPs), width)) return;
            if (starts && !IsOn && _written[timer] == ulong.MaxValue) return; // QEMU arms a timer at enabling only if its comparator was ever written
            WriteRegister(TimerRegister(timer, 0), value);
            _written[timer] &= width;
        }

        private void WriteComparator(uint timer, uint distance)
        {
            ulong counter = _hpet.CounterAt(Reach());
            // Matches fall well between two instructions: a count is 10 ns, an instruction 1024.
            uint value = (uint)counter + distance;
            ulong configuration = Configuration(timer);
            bool isPeriodic = (configuration & Periodic) != 0, sets = !isPeriodic || (configuration & Set) != 0;
            ulong width = (configuration & Only32Bit) != 0 ? uint.MaxValue : ulong.MaxValue;
            ulong comparator = sets ? ((Comparator(timer) & 0xFFFF_FFFF_0000_0000) | value) & width : Comparator(timer);
            if (isPeriodic && Pending != 0) return;
            // With bit 6 the same number becomes period and accumulator, so a periodic timer gets a fresh start from a counter near zero.
            if (IsOn && !IsAhead(timer, comparator, counter, width)) return;
            if (isPeriodic && value < 20_000) return;
            WriteRegister(TimerRegister(timer, 8), value);
            if (sets) _written[timer] = Comparator(timer);
        }

        /// <summary>QEMU fires at once when a comparator is behind the counter; by the specification it waits for the counter to come round.</summary>
        private bool IsAhead(uint timer, ulong comparator, ulong counter, ulong? width = null)
        {
            ulong w = width ?? ((Configuration(timer) & Only32Bit) != 0 ? uint.MaxValue : ulong.MaxValue);
            ulong distance = (comparator - counter) & w;
            return distance is > 1_000 and < FarthestCounts;
        }

        private void WriteRegister(uint offset, uint value)
        {
            GuestStep step = GuestStep.Write(Base + offset, value);
            _hpet.Write32(offset, value, Reach());
            Do(step);
        }

        private void ReadRegister(uint offset)
        {
            GuestStep step = GuestStep.Read(Base + offset);
            long atPs = Reach();
            uint mask = uint.MaxValue;
            for (uint timer = 0; timer < Timers; timer++)
            {
                ulong configuration = Configuration(timer);
                bool runs = IsOn && (configuration & Enable) != 0;
                // QEMU's timer needs the interrupt enable to set its status bit and to move its comparator on (§2.3.8 says it runs without).
                if (offset == 0x20 && !runs) mask &= ~(1u << (int)timer);
                bool moves = (configuration & Periodic) != 0 && Comparator(timer) != _written[timer];
                if (offset - TimerRegister(timer, 8) is 0 or 4 && moves && !runs) mask = 0;
            }
            Do(step, _hpet.Read32(offset, atPs), mask);
        }

        /// <summary>
        /// Brings ours to the next access. QEMU's timers wait in whole nanoseconds and fire between two instructions, so an access in the very
        /// instruction of a match would be a toss-up: the guest waits a little first.
        /// </summary>
        private long Reach()
        {
            while (true)
            {
                if (AccessPs - SlackPs > Events.NowPs) Events.RunUntil(AccessPs - SlackPs);
                var before = Picture;
                Arrive();
                if (before == Picture) return Events.NowPs;
                Do(GuestStep.Wait(SlackPs));
            }
        }

        private (ulong, ulong, ulong, ulong, int, int) Picture => (Comparator(0), Comparator(1), Comparator(2), Pending, _changes, _messages.Count);

        /// <summary>What the 8259s heard on lines 0 and 8, and the handler's part: acknowledge by polling, then end.</summary>
        private void Serve()
        {
            foreach ((ushort command, byte select) in new (ushort, byte)[] { (0x20, 0x0A), (0xA0, 0x0A) })
            {
                Out(command, select);
                ReadPic(command);
            }
            if (!HasLatchedEdge) return;
            Out(0xA0, 0x0C);
            do
            {
                PollMaster();
                Reach();
            }
            while (_pair.Master.State.EdgeLatches != 0); // the slave must not be asked before the master has taken its request
            ReadPic(0xA0);
            Out(0xA0, 0x20);
        }

        private void PollMaster()
        {
            Out(0x20, 0x0C);
            ReadPic(0x20);
            Out(0x20, 0x20);
        }

        private void ReadPic(ushort command)
        {
            long atPs = Reach();
            Do(GuestStep.In(command), _pair.Read(command, atPs), 0xFF);
        }

        private void Out(ushort port, byte value)
        {
            GuestStep step = GuestStep.Out(port, value);
            _pair.Write(port, value, Reach());
            Do(step);
        }

        private void Wait(long ps)
        {
            GuestStep step = GuestStep.Wait(ps);
            Reach();
            Do(step);
        }
    }
}
