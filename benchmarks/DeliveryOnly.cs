using Tophalf.Hardware;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Memory;
using Tophalf.Hardware.Processors;
using Tophalf.Simulation;

namespace Tophalf.Bench;

/// <summary>The processor's part alone: IRR bit, priority, INTA, gate from memory, frame on the stack, first instruction; then EOI and IRETQ.</summary>
internal static class DeliveryOnly
{
    private const byte Vector = 0x41;
    private const long Operations = 2_000_000;
    private const ulong Handler = 0xFFFF_FFFF_8200_0000;

    public static Sample Run()
    {
        var fabric = new InterruptFabric(new EventQueue(), new HardwareCosts(CostSet.BuiltIn("server-3ghz")));
        var memory = new PhysicalMemory(64 * 1024);
        var code = new CodeMap();
        var apic = new LocalApic(0, fabric);
        var processor = new Processor(0, memory, code, apic);
        ulong table = memory.Allocate(256 * InterruptGate.Size, 4096);
        InterruptGate gate = InterruptGate.Create(Handler, Processor.KernelCode);
        memory.Write64(table + Vector * InterruptGate.Size, gate.Low);
        memory.Write64(table + Vector * InterruptGate.Size + 8, gate.High);
        processor.LoadIdt(table, 256 * InterruptGate.Size - 1);
        processor.Rsp = memory.Allocate(4096, 4096) + 4096;
        apic.Write(LocalApic.SvrOffset, 0x1FF, 0);
        long entered = 0;
        code.Place(Handler, (on, _, nowPs) =>
        {
            entered++;
            on.Apic.EndOfInterrupt(nowPs);
            on.InterruptReturn();
        });
        processor.EnableInterrupts(0);
        var message = new InterruptMessage(Vector, 0);
        return Sample.Of(() =>
        {
            for (long i = 0; i < Operations; i++) apic.Accept(message, 0);
            return entered;
        });
    }
}
