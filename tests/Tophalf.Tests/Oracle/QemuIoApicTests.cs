using Tophalf.Hardware;
using Tophalf.Hardware.Controllers;
using Tophalf.Simulation;
using Xunit;
using Xunit.Abstractions;

namespace Tophalf.Tests.Oracle;

public sealed class QemuIoApicTests(ITestOutputHelper output)
{
    internal enum Kind { WriteEntry, ReadRegister, WriteId, ReadIndex, Toggle, EndOfInterrupt }

    /// <summary>A register access through index and window, a pin that changes its level, or an EOI; <c>Where</c> is the index or the pin.</summary>
    internal readonly record struct Step(Kind Kind, int Where, uint Value);

    [QemuFact]
    public void The_IO_APIC_answers_as_QEMU_does()
    {
        using QemuMachine qemu = new();
        QemuDifferential<Step> differential = new(qemu, new Subject());
        differential.Run(seed: 82093, operations: QemuBudget.Operations, length: 400);
        output.WriteLine($"{differential.Operations} operations");
    }

    private sealed class Subject : QemuSubject<Step>
    {
        private const string Path = "/machine/i440fx/ioapic", Window = "0xfec00010", Eoi = "0xfec00040", Index = "0xfec00000";
        private const uint Masked = 1 << 16, Level = 1 << 15, ReadOnly = 1 << 14 | 1 << 12;
        private static readonly HardwareCosts Costs = new(CostSet.BuiltIn("server-3ghz"));

        private readonly List<string> _messages = [];
        private readonly bool[] _pins = new bool[IoApic.Pins];
        private EventQueue _events = new();
        private InterruptFabric _fabric = new(new EventQueue(), Costs);
        private IoApic _ioApic = null!;

        // The fabric has no processor here, so it counts every message as one that found nobody; QEMU's trace gives one line for each.
        public override List<string> Messages
        {
            get
            {
                _events.RunUntil(_events.NowPs + SimTime.Second);
                _messages.Clear();
                for (long i = 0; i < _fabric.Undeliverable; i++) _messages.Add("message");
                return _messages;
            }
        }

        public override string Shorten(string message) => "message";

        public override IReadOnlyList<string> ResetCommands { get; } =
        [
            // Lines first, while level entries still listen; then entries back to masked and edge-triggered, which clears remote IRR.
            .. Enumerable.Range(0, IoApic.Pins).Select(pin => $"set_irq_in {Path} unnamed-gpio-in {pin} 0"),
            .. Enumerable.Range(0, IoApic.Pins).SelectMany(pin => new[]
            {
                $"writel {Index} {0x10 + 2 * pin}", $"writel {Window} 0x10000", $"writel {Index} {0x11 + 2 * pin}", $"writel {Window} 0",
            }),
            $"writel {Index} 0", $"writel {Window} 0",
        ];

        public override void Reset()
        {
            _events = new EventQueue();
            _fabric = new InterruptFabric(_events, Costs);
            _ioApic = new IoApic(0, 0, _fabric);
            Array.Clear(_pins);
        }

        public override Step Invent(RandomStream random) => random.NextInt(12) switch
        {
            < 3 => new Step(Kind.WriteEntry, 0x10 + random.NextInt(2 * IoApic.Pins), InventEntry(random)),
            < 6 => new Step(Kind.ReadRegister, 0x10 + random.NextInt(2 * IoApic.Pins), 0),
            6 => random.NextInt(4) switch
            {
                0 => new Step(Kind.WriteId, 0, (uint)random.NextUInt64()),
                1 => new Step(Kind.ReadIndex, random.NextInt(256), 0),
                2 => new Step(Kind.ReadRegister, random.NextInt(3), 0),
                _ => new Step(Kind.ReadRegister, 0x40 + random.NextInt(0xC0), 0),
            },
            < 10 => new Step(Kind.Toggle, random.NextInt(IoApic.Pins), 0),
            _ => new Step(Kind.EndOfInterrupt, 0, (uint)(0x40 + random.NextInt(4))),
        };

        /// <summary>Few vectors, so that an EOI meets several entries; delivery modes a chipset accepts but for the three that stop a processor.</summary>
        private static uint InventEntry(RandomStream random)
        {
            uint any = (uint)random.NextUInt64();
            return (uint)(0x40 + random.NextInt(4)) | (any & (Masked | Level | ReadOnly | 1 << 13 | 1 << 11)) | (uint)random.NextInt(2) << 8;
        }

        protected override bool Take(Step step)
        {
            switch (step.Kind)
            {
                case Kind.WriteEntry:
                    return TakeEntry(step);
                case Kind.ReadRegister:
                    Select(step.Where);
                    Read($"readl {Window}", _ioApic.Read(IoApic.WindowOffset));
                    return true;
                case Kind.WriteId:
                    Select(0);
                    _ioApic.Write(IoApic.WindowOffset, step.Value, 0);
                    Write(Text($"writel {Window} 0x{step.Value:x}"));
                    return true;
                case Kind.ReadIndex:
                    Select(step.Where);
                    Read($"readl {Index}", _ioApic.Read(IoApic.IndexOffset));
                    return true;
                case Kind.Toggle:
                    if (step.Where == 0) return false; // QEMU wires GSI 0 to pin 2 inside its I/O APIC; on a board that is a trace and a MADT override
                    _ioApic.SetLine(step.Where, _pins[step.Where] ^= true, 0);
                    Write(Text($"set_irq_in {Path} unnamed-gpio-in {step.Where} {(_pins[step.Where] ? 1 : 0)}"));
                    return true;
                default:
                    _ioApic.Write(IoApic.EoiOffset, step.Value, 0);
                    Write(Text($"writel {Eoi} 0x{step.Value:x}"));
                    return true;
            }
        }

        private bool TakeEntry(Step step)
        {
            int pin = (step.Where - 0x10) >> 1;
            bool isLow = (step.Where & 1) == 0;
            // QEMU keeps reserved bits; its high half carries more than the destination into the message.
            uint value = isLow ? step.Value : step.Value & 0xFF000000;
            // QEMU remembers a request by its own latch, not by the pin: turning the trigger mode under a high pin sends or forgets one.
            if (isLow && _pins[pin] && (value & Level) != 0 != _ioApic[pin].IsLevel) return false;
            Select(step.Where);
            _ioApic.Write(IoApic.WindowOffset, value, 0);
            Write(Text($"writel {Window} 0x{value:x}"));
            return true;
        }

        private void Select(int index)
        {
            _ioApic.Write(IoApic.IndexOffset, (uint)index, 0);
            Write(Text($"writel {Index} 0x{index:x}"));
        }
    }
}
