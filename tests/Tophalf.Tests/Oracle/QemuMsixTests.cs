using Tophalf.Hardware;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Pci;
using Tophalf.Simulation;
using Xunit;
using Xunit.Abstractions;

namespace Tophalf.Tests.Oracle;

public sealed class QemuMsixTests(ITestOutputHelper output)
{
    internal enum Kind { WriteTable, ReadTable, ReadPending, MaskFunction, Raise }

    /// <summary>A dword of the table, the pending bits, the function mask, or a request for an entry; <c>Where</c> is the offset or the entry.</summary>
    internal readonly record struct Step(Kind Kind, int Where, uint Value);

    [QemuFact]
    public void The_MSI_X_table_answers_as_QEMU_does()
    {
        using QemuMachine qemu = new("-device", "virtio-serial-pci,addr=5,vectors=8,ioeventfd=off");
        qemu.Run(Subject.Setup);
        QemuDifferential<Step> differential = new(qemu, new Subject());
        differential.Run(seed: 614, operations: QemuBudget.Operations, length: 400);
        output.WriteLine($"{differential.Operations} operations");
    }

    /// <summary>
    /// The device is a virtio console without consoles (Virtual I/O Device specification 1.2, §4.1 and §5.3, legacy interface): whatever is put into
    /// a transmit queue is thrown away at once, and that is an interrupt on the queue's vector.
    /// </summary>
    private sealed class Subject : QemuSubject<Step>
    {
        private const int Entries = 8, IoBase = 0xC000, QueueMemory = 0x10_0000, QueueStride = 0x4000, AvailableIndex = 2048 + 2;
        private const uint TableBase = 0xE000_0000, PendingBase = TableBase + 0x800, Capability = 0x8000_2898, VectorControl = 12;
        private static readonly HardwareCosts Costs = new(CostSet.BuiltIn("server-3ghz"));

        private readonly List<string> _messages = [];
        private readonly ushort[] _offered = new ushort[Entries]; // requests so far, on both sides; it survives a reset as the queue does
        private MsixTable _table = null!;

        public override List<string> Messages => _messages;

        public static IReadOnlyList<string> Setup { get; } =
        [
            .. Config(0x10, IoBase | 1), .. Config(0x14, TableBase), .. Config(0x04, 7), // I/O and memory decode, bus master
            $"outb {IoBase + 0x12} 0", $"outb {IoBase + 0x12} 3", .. Config(0x98, 0xC000_0000),
            .. Enumerable.Range(0, Entries).SelectMany(entry => new[]
            {
                $"writel {QueueMemory + entry * QueueStride} 0x90000", $"writel {QueueMemory + entry * QueueStride + 8} 1",
                $"outw {IoBase + 0x0E} {TransmitQueue(entry)}", $"outl {IoBase + 0x08} {(QueueMemory + entry * QueueStride) >> 12}",
                $"outw {IoBase + 0x16} {entry}",
            }),
            $"outb {IoBase + 0x12} 7",
        ];

        /// <summary>Unmasking everything sends what is pending.</summary>
        public override IReadOnlyList<string> ResetCommands { get; } =
        [
            .. Enumerable.Range(0, Entries).SelectMany(entry => new[]
            {
                $"writel {TableBase + 16 * entry} 0xfee00000", $"writel {TableBase + 16 * entry + 4} 0", $"writel {TableBase + 16 * entry + 8} 0",
                $"writel {TableBase + 16 * entry + VectorControl} 0",
            }),
            .. Config(0x98, 0x8000_0000),
            .. Enumerable.Range(0, Entries).Select(entry => $"writel {TableBase + 16 * entry + VectorControl} 1"),
        ];

        public override void Reset()
        {
            _table = new MsixTable(Entries, new InterruptFabric(new EventQueue(), Costs)) { IsEnabled = true };
            for (int entry = 0; entry < Entries; entry++) _table.Program(entry, MsiMessage.To(0, 0));
            _messages.Clear();
        }

        public override Step Invent(RandomStream random)
        {
            int entry = random.NextInt(Entries);
            return random.NextInt(12) switch
            {
                < 3 => new Step(Kind.WriteTable, 16 * entry + (int)VectorControl, (uint)random.NextInt(2)),
                // Bit 3, the redirection hint, stays 0: with a logical destination the SDM (3A §11.11.1) makes it lowest priority, and QEMU ignores it.
                3 => new Step(Kind.WriteTable, 16 * entry, 0xFEE0_0000 | (uint)random.NextUInt64() & 0xF_F004),
                4 => new Step(Kind.WriteTable, 16 * entry + 4, random.NextInt(4) == 0 ? (uint)random.NextUInt64() : 0),
                5 => new Step(Kind.WriteTable, 16 * entry + 8, (uint)(0x10 + random.NextInt(0xF0)) | (uint)random.NextInt(2) << 8),
                < 8 => new Step(Kind.ReadTable, 4 * random.NextInt(4 * Entries), 0),
                8 => new Step(Kind.ReadPending, 0, 0),
                9 => new Step(Kind.MaskFunction, 0, (uint)random.NextInt(2)),
                _ => new Step(Kind.Raise, entry, 0),
            };
        }

        protected override bool Take(Step step)
        {
            // A message that is no interrupt is an ordinary write to memory; what becomes of it is not the table's business.
            bool canSend = step.Kind is Kind.Raise or Kind.MaskFunction || (step.Kind == Kind.WriteTable && step.Where % 16 == VectorControl);
            if (canSend && Enumerable.Range(0, Entries).Any(entry => MayGoAstray(step, entry))) return false;
            bool[] pending = [.. Enumerable.Range(0, Entries).Select(_table.IsPending)];
            long sent = _table.Sent;
            switch (step.Kind)
            {
                case Kind.WriteTable:
                    _table.Write32(step.Where, step.Value, 0);
                    Write(Text($"writel {TableBase + step.Where} 0x{step.Value:x}"));
                    break;
                case Kind.ReadTable:
                    Read(Text($"readl {TableBase + step.Where}"), _table.Read32(step.Where));
                    break;
                case Kind.ReadPending:
                    uint bits = 0;
                    for (int entry = 0; entry < Entries; entry++) bits |= _table.IsPending(entry) ? 1u << entry : 0;
                    Read(Text($"readl {PendingBase}"), bits);
                    break;
                case Kind.MaskFunction:
                    _table.SetFunctionMask(step.Value != 0, 0);
                    foreach (string command in Config(0x98, 0x8000_0000 | step.Value << 30)) Write(command);
                    break;
                default:
                    _table.Raise(step.Where, 0);
                    Write(Text($"writew {QueueMemory + step.Where * QueueStride + AvailableIndex} {++_offered[step.Where]}"));
                    Write(Text($"outw {IoBase + 0x10} {TransmitQueue(step.Where)}"));
                    if (_table.Sent != sent) Expect(step.Where);
                    break;
            }
            for (int entry = 0; entry < Entries; entry++)
            {
                if (pending[entry] && !_table.IsPending(entry)) Expect(entry);
            }
            return true;
        }

        private bool MayGoAstray(Step step, int entry)
        {
            bool concerns = step.Kind == Kind.Raise ? step.Where == entry : step.Kind == Kind.MaskFunction || step.Where / 16 == entry;
            return concerns && !_table[entry].IsInterrupt;
        }

        private void Expect(int entry)
        {
            InterruptMessage m = _table[entry].Decode();
            _messages.Add(Text($"apic_deliver_irq dest {(byte)m.Destination} dest_mode {(m.Logical ? 1 : 0)} delivery_mode {(int)m.Mode} vector {m.Vector} trigger_mode {(m.Level ? 1 : 0)}"));
        }

        /// <summary>Port n &gt; 0 of a console has queues 2n + 2 and 2n + 3, the second for what the driver sends; entry n stands for port n + 1.</summary>
        private static int TransmitQueue(int entry) => 2 * entry + 5;

        private static string[] Config(uint offset, uint value) => [Text($"outl 0xcf8 {(Capability & ~0xFFu) | offset}"), Text($"outl 0xcfc {value}")];
    }
}
