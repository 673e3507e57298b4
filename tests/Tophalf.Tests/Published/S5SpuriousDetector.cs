using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Irq;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// The detector of spurious interrupts (kernel/irq/spurious.c): every 100 000 interrupts it looks, and cuts the line if more than 99 900 were handled by nobody; those more
/// than a tenth of a second after the one before are forgiven.
/// </summary>
public class S5SpuriousDetector
{
    [Theory]
    [InlineData(10_000, 0, 100_000)]
    [InlineData(10_000, 99, 100_000)]
    [InlineData(10_000, 100, 300_000)]
    [InlineData(9.5, 0, 300_000)]
    public void A_line_is_cut_at_interrupt_number_100_000_or_never(double rate, int handledOfEach100K, int expected)
    {
        var bench = new KernelBench(costs: FreeCosts.But());
        (PulseDevice device, IrqDesc line) = bench.Message();
        int calls = 0;
        Assert.Equal(0, bench.Irqs.RequestIrq(
            line.Irq, (_, _) => calls++ % 100_000 < handledOfEach100K ? IrqReturn.Handled : IrqReturn.None, IrqFlags.None, "dev", this));
        device.Start(new ConstantArrivals(rate), new RandomStream(1, "dev"), 0);
        bench.RunUntil((long)(300_000 / rate * SimTime.Second) + SimTime.Microsecond);
        Assert.Equal((expected, expected == 100_000 ? 1 : 0), (calls, line.Depth));
    }
}
