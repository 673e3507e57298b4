using Tophalf.Hardware.Controllers;
using Tophalf.Simulation;
using Xunit;
using Xunit.Abstractions;

namespace Tophalf.Tests.Oracle;

public sealed class QemuPicTests(ITestOutputHelper output)
{
    internal enum Kind { Write, Read, Toggle, Acknowledge }

    /// <summary>A port access, a line that changes its level, or the processor's acknowledge cycle.</summary>
    internal readonly record struct Step(Kind Kind, ushort Where, byte Value);

    [QemuFact]
    public void The_8259_pair_answers_as_QEMU_does()
    {
        using QemuMachine qemu = new();
        qemu.Run($"irq_intercept_out {Subject.MasterPath}");
        QemuDifferential<Step> differential = new(qemu, new Subject());
        differential.Run(seed: 8259, operations: QemuBudget.Operations, length: 400);
        output.WriteLine($"{differential.Operations} operations");
    }

    private sealed class Subject : QemuSubject<Step>
    {
        public const string MasterPath = "/machine/unattached/device[6]", SlavePath = "/machine/unattached/device[7]";
        private const string IoApicPath = "/machine/i440fx/ioapic";
        private static readonly ushort[] Ports = [0x20, 0x21, 0xA0, 0xA1, 0x4D0, 0x4D1];

        private Pic8259Pair _pair = new((_, _) => { });
        private readonly List<string> _messages = [];
        private readonly bool[] _lines = new bool[Pic8259Pair.Lines];

        public override List<string> Messages => _messages;

        /// <summary>The acknowledge cycle is reached through the one path that needs no processor: an I/O APIC pin in ExtINT mode fetches the vector.</summary>
        public override IReadOnlyList<string> ResetCommands { get; } =
        [
            .. Enumerable.Range(0, 8).SelectMany(n => new[] { $"set_irq_in {MasterPath} unnamed-gpio-in {n} 0", $"set_irq_in {SlavePath} unnamed-gpio-in {n} 0" }),
            "outb 0x4d0 0", "outb 0x4d1 0",
            "outb 0xa0 0x10", "outb 0xa1 0", "outb 0xa1 0", "outb 0x20 0x10", "outb 0x21 0", "outb 0x21 0",
            $"set_irq_in {IoApicPath} unnamed-gpio-in 5 0",
            "writel 0xfec00000 0x1b", "writel 0xfec00010 0", "writel 0xfec00000 0x1a", "writel 0xfec00010 0x700",
        ];

        public override void Reset()
        {
            _pair = new Pic8259Pair((_, _) => { });
            _messages.Clear();
            Array.Clear(_lines);
        }

        public override Step Invent(RandomStream random) => random.NextInt(12) switch
        {
            < 4 => new Step(Kind.Read, Ports[random.NextInt(Ports.Length)], 0),
            < 8 => InventWrite(random),
            < 11 => new Step(Kind.Toggle, (ushort)random.NextInt(Pic8259Pair.Lines), 0),
            _ => new Step(Kind.Acknowledge, 0, 0),
        };

        private static Step InventWrite(RandomStream random)
        {
            ushort port = Ports[random.NextInt(Ports.Length)];
            byte any = (byte)random.NextUInt64();
            if (port is not (0x20 or 0xA0)) return new Step(Kind.Write, port, (byte)(random.NextInt(3) == 0 ? any : any & random.NextInt(256)));
            return new Step(Kind.Write, port, random.NextInt(16) switch
            {
                0 => (byte)(0x10 | any & 0xE3),                 // ICW1, edge-triggered as on every PC
                < 5 => (byte)(0x08 | any & 0x67),               // OCW3
                < 9 => 0x20,                                    // non-specific EOI
                _ => (byte)(any & 0xE7),                        // any OCW2
            });
        }

        protected override bool Take(Step step)
        {
            Pic8259State master = _pair.Master.State, slave = _pair.Slave.State;
            if (step.Kind == Kind.Toggle && step.Where == Pic8259Pair.CascadeLine) return false;
            (bool, bool) asked = (_pair.Master.IsAsking, _pair.Slave.IsAsking);
            bool reachesSlave = step.Kind == Kind.Acknowledge && _pair.Master.Candidate == Pic8259Pair.CascadeLine;
            byte read = 0;
            int vector = -1;
            switch (step.Kind)
            {
                case Kind.Read: read = _pair.Read(step.Where, 0); break;
                case Kind.Write: _pair.Write(step.Where, step.Value, 0); break;
                case Kind.Toggle: _pair.SetLine(step.Where, _lines[step.Where] ^= true, 0); break;
                default: vector = _pair.Acknowledge(0); break;
            }
            if (IsException(step, master, slave, asked, reachesSlave))
            {
                if (step.Kind == Kind.Toggle) _lines[step.Where] ^= true;
                _pair.Slave.Restore(slave, 0);
                _pair.Master.Restore(master, 0);
                return false;
            }
            bool asking = _pair.IsAsking;
            switch (step.Kind)
            {
                case Kind.Read:
                    Read(Text($"inb 0x{step.Where:x}"), read, asking);
                    break;
                case Kind.Write:
                    Write(Text($"outb 0x{step.Where:x} 0x{step.Value:x}"), asking);
                    break;
                case Kind.Toggle:
                    string path = step.Where < 8 ? MasterPath : SlavePath;
                    Write(Text($"set_irq_in {path} unnamed-gpio-in {step.Where & 7} {(_lines[step.Where] ? 1 : 0)}"), asking);
                    break;
                default:
                    Write($"set_irq_in {IoApicPath} unnamed-gpio-in 5 1", asking);
                    Write($"set_irq_in {IoApicPath} unnamed-gpio-in 5 0", asking);
                    _messages.Add(Text($"vector {vector}"));
                    break;
            }
            return true;
        }

        public override string Shorten(string message)
        {
            string[] words = message.Split(' ');
            return $"vector {words[Array.IndexOf(words, "vector") + 1]}";
        }

        private bool IsException(Step step, in Pic8259State master, in Pic8259State slave, (bool, bool) asked, bool reachesSlave)
        {
            Pic8259State masterNow = _pair.Master.State, slaveNow = _pair.Slave.State;
            bool asksMaster = step.Kind == Kind.Acknowledge || (step is { Kind: Kind.Read, Where: 0x20 or 0x21 } && master.PollIsNext);
            bool asksSlave = reachesSlave || (step is { Kind: Kind.Read, Where: 0xA0 or 0xA1 } && slave.PollIsNext);
            // QEMU keeps an edge request whose pin fell before the acknowledgement; the data sheet wants the pin high until then.
            if (!asksMaster && LosesEdge(master, masterNow, step, 0x20)) return true;
            if (!asksSlave && LosesEdge(slave, slaveNow, step, 0xA0)) return true;
            // QEMU drops INT with a level request; the chip leaves it up for the acknowledgement that answers IR7.
            if (_pair.Master.IsAsking != _pair.Master.Candidate >= 0 || _pair.Slave.IsAsking != _pair.Slave.Candidate >= 0) return true;
            // QEMU leaves IRR alone when ELCR turns an input; the chip's level input shows its pin and an edge input starts without a request.
            if (step.Kind == Kind.Write && step.Where is 0x4D0 or 0x4D1 && (TurnsBusyInput(master, masterNow) || TurnsBusyInput(slave, slaveNow))) return true;
            // ICW1 wants a new edge from a pin that is high; QEMU's slave repeats its level, and the master takes that for one.
            if (step is { Kind: Kind.Write, Where: 0x20 } && (step.Value & 0x10) != 0 && (master.Pins & 4) != 0) return true;
            // QEMU's non-specific EOI ends a masked level in special mask mode; the data sheet says it does not.
            if (step is { Kind: Kind.Write, Where: 0x20 or 0xA0 } && (step.Value & 0xF8) is 0x20 or 0xA0)
            {
                Pic8259State target = step.Where == 0x20 ? master : slave;
                if (target.SpecialMask && (target.Isr & target.Imr) != 0) return true;
            }
            // QEMU does not look at INT again when OCW3 changes special mask mode.
            if (step is { Kind: Kind.Write, Where: 0x20 or 0xA0 } && (step.Value & 0x18) == 0x08 && (asked != (_pair.Master.IsAsking, _pair.Slave.IsAsking))) return true;
            // In special fully nested mode QEMU also lets less important lines of the master in while the slave is served.
            if (masterNow.SpecialFullyNested && (masterNow.Isr & 4) != 0) return true;
            // The slave's INT falls with each acknowledgement and rises for the next request; QEMU leaves it high, and the master sees no edge.
            return asksSlave && slaveNow.AutoEoi && _pair.Slave.IsAsking;
        }

        private static bool LosesEdge(in Pic8259State before, in Pic8259State now, Step step, ushort commandPort)
        {
            if (step.Kind == Kind.Write && step.Where == commandPort && (step.Value & 0x10) != 0) return false; // ICW1 clears the latches on both
            return (before.EdgeLatches & ~before.Elcr & ~now.EdgeLatches) != 0;
        }

        private static bool TurnsBusyInput(in Pic8259State before, in Pic8259State now)
        {
            int turned = before.Elcr ^ now.Elcr;
            return (turned & (before.Irr | now.Irr | before.Pins)) != 0;
        }
    }
}
