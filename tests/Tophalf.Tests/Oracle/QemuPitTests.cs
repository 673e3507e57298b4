using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Timers;
using Tophalf.Simulation;
using Xunit;
using Xunit.Abstractions;

namespace Tophalf.Tests.Oracle;

public sealed class QemuPitTests(ITestOutputHelper output)
{
    internal enum Kind { Program, NewCount, Trigger, ReadLatched, ReadBack, ReadLive, Serve, Wait }

    /// <summary><c>Value</c> is a random number the kind of step makes something of.</summary>
    internal readonly record struct Step(Kind Kind, int Counter, uint Value);

    [QemuFact]
    public void The_8254_answers_as_QEMU_does()
    {
        using QemuGuest guest = new();
        Subject subject = new();
        subject.Run(guest, seed: 8254, operations: QemuBudget.Operations, length: 60);
        output.WriteLine($"{subject.Operations} operations");
    }

    private sealed class Subject : GuestSubject<Step>
    {
        private const ushort SpeakerPort = 0x61;
        private const int LowOnly = 1, LowThenHigh = 3;
        private const long SlackPs = 2 * QemuGuest.InstructionPs;

        private readonly int[] _mode = new int[Pit8254.Counters], _access = new int[Pit8254.Counters], _count = new int[Pit8254.Counters];
        private long _lineChangedPs;
        private Pic8259Pair _pair = null!;
        private Pit8254 _pit = null!;

        protected override void Reset()
        {
            _pair = new Pic8259Pair((_, _) => { });
            _lineChangedPs = 0;
            _pit = new Pit8254(
                (active, atPs) =>
                {
                    _lineChangedPs = atPs;
                    _pair.SetLine(0, active, atPs);
                },
                Events);
            Out(SpeakerPort, 0);
            Out(SpeakerPort, 1);
            for (int counter = 0; counter < Pit8254.Counters; counter++) Program(counter, 0xABCD_0030);
            foreach ((ushort port, byte value) in new (ushort, byte)[] { (0x20, 0x10), (0x21, 0x20), (0x21, 4) }) Out(port, value);
            Serve(compare: false);
        }

        protected override Step Invent(RandomStream random) => new(random.NextInt(16) switch
        {
            < 2 => Kind.Program,
            2 => Kind.NewCount,
            3 => Kind.Trigger,
            < 7 => Kind.ReadLatched,
            < 10 => Kind.ReadBack,
            < 12 => Kind.ReadLive,
            < 14 => Kind.Serve,
            _ => Kind.Wait,
        }, random.NextInt(Pit8254.Counters), (uint)random.NextUInt64());

        protected override void Take(Step step)
        {
            switch (step.Kind)
            {
                case Kind.Program:
                    Program(step.Counter, step.Value);
                    Serve(compare: false);
                    break;
                case Kind.NewCount:
                    // QEMU takes a new count at once in every mode; modes 2 and 3 finish their cycle first, 1 and 5 wait for a trigger.
                    if (_mode[step.Counter] is not (0 or 4)) break;
                    WriteCount(step.Counter, step.Value);
                    Serve(compare: false);
                    break;
                case Kind.Trigger:
                    if (_mode[Pit8254.SpeakerCounter] is not (0 or 4)) Trigger(); // QEMU's GATE does not hold modes 0 and 4
                    break;
                case Kind.ReadLatched:
                    Out(Pit8254.ControlPort, (byte)(step.Counter << 6), early: true);
                    ReadCount(step.Counter);
                    break;
                case Kind.ReadBack:
                    ReadBack(step.Value);
                    break;
                case Kind.ReadLive:
                    Read(step.Counter, ShowsSameCount(step.Counter) ? 0xFFu : 0);
                    break;
                case Kind.Serve:
                    Serve(compare: true);
                    break;
                default:
                    Arrive();
                    Do(GuestStep.Wait(step.Value % 3000 * SimTime.Microsecond));
                    break;
            }
        }

        private void Program(int counter, uint random)
        {
            // Modes 1 and 5 want a trigger, which only counter 2 can get; QEMU counts in binary whatever it is told, and has modes 6 and 7 of its own.
            int mode = (int)(random >> 1 & 7) % 6;
            if (mode is 1 or 5 && counter != Pit8254.SpeakerCounter) mode = 0;
            int access = (int)(random >> 4 & 3);
            if (access == 0) access = LowThenHigh;
            _mode[counter] = mode;
            _access[counter] = access;
            Out(Pit8254.ControlPort, (byte)(counter << 6 | access << 4 | mode << 1));
            WriteCount(counter, random >> 16);
            if (mode is 1 or 5) Trigger();
        }

        private void WriteCount(int counter, uint random)
        {
            int access = _access[counter];
            // A count of 1 is not allowed in modes 2 and 3.
            int count = (int)(random & (access == LowOnly ? 0xFFu : access == LowThenHigh ? 0xFFFFu : 0xFF00u));
            if (count == 1) count = 2;
            _count[counter] = count == 0 ? 0x1_0000 : count;
            if ((access & 1) != 0) Out((ushort)(Pit8254.FirstPort + counter), (byte)count);
            if ((access & 2) != 0) Out((ushort)(Pit8254.FirstPort + counter), (byte)(count >> 8));
        }

        private void Trigger()
        {
            Out(SpeakerPort, 0);
            Out(SpeakerPort, 1);
        }

        private void ReadBack(uint random)
        {
            Out(Pit8254.ControlPort, (byte)(0xC0 | random & 0x3E), early: true);
            for (int counter = 0; counter < Pit8254.Counters; counter++)
            {
                if ((random & 2u << counter) == 0) continue;
                // OUT of QEMU is upside down in modes 1, 2, 4 and 5, and it has no null count bit.
                if ((random & 0x10) == 0) Read(counter, _mode[counter] is 0 or 3 ? 0xBFu : 0x3F);
                if ((random & 0x20) == 0) ReadCount(counter);
            }
        }

        /// <summary>The bytes of a latched count.</summary>
        private void ReadCount(int counter)
        {
            uint mask = ShowsSameCount(counter) ? 0xFFu : 0;
            Read(counter, mask);
            if (_access[counter] == LowThenHigh) Read(counter, mask);
        }

        /// <summary>QEMU counts an odd square wave down by two from the odd number; the chip begins one lower and lets the halves differ in length.</summary>
        private bool ShowsSameCount(int counter) => _mode[counter] != 3 || _count[counter] % 2 == 0;

        /// <summary>
        /// Has line 0 been heard? Acknowledged by polling, then ended. Compared while the line is high: when it is low again the chip has taken the
        /// request back, and QEMU has not.
        /// </summary>
        private void Serve(bool compare)
        {
            Out(0x20, 0x0C);
            long atPs = Arrive(early: true);
            while (atPs - _lineChangedPs < SlackPs) // QEMU moves the line between two instructions
            {
                Do(GuestStep.Wait(0));
                atPs = Arrive(early: true);
            }
            bool counts = compare && _pit.IsHigh(0, atPs);
            Do(GuestStep.In(0x20), _pair.Read(0x20, atPs), counts ? 0xFFu : 0);
            Out(0x20, 0x20);
        }

        private void Read(int counter, uint mask)
        {
            long atPs = Arrive(early: true);
            ushort port = (ushort)(Pit8254.FirstPort + counter);
            Do(GuestStep.In(port), _pit.Read(port, atPs), mask);
        }

        private void Out(ushort port, byte value, bool early = false)
        {
            long atPs = Arrive(early);
            if (port == SpeakerPort) _pit.SetGate(Pit8254.SpeakerCounter, (value & 1) != 0, atPs);
            else if (Pic8259Pair.Owns(port)) _pair.Write(port, value, atPs);
            else _pit.Write(port, value, atPs);
            Do(GuestStep.Out(port, value));
        }

        /// <summary>
        /// QEMU's input clock starts anew with each count, the chip's runs freely and loads at its next pulse. Both have seen as many pulses if counts are
        /// written late between two pulses of the free clock and looked at early: the guest waits for that.
        /// </summary>
        private long Arrive(bool early)
        {
            while (true)
            {
                long sincePulsePs = AccessPs - PitClock.TimeOf(PitClock.TickAt(AccessPs));
                long tickPs = SimTime.Second / PitClock.Hz;
                bool isEarly = sincePulsePs > tickPs / 20 && sincePulsePs < tickPs * 9 / 20, isLate = sincePulsePs > tickPs * 11 / 20 && sincePulsePs < tickPs * 19 / 20;
                if (early ? isEarly : isLate) return Arrive();
                Arrive();
                Do(GuestStep.Wait(0));
            }
        }
    }
}
