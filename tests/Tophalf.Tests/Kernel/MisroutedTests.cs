using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Irq;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel;

/// <summary>irqfixup, irqpoll, noirqdebug, and the poll of lines that were cut (kernel/irq/spurious.c).</summary>
public class MisroutedTests
{
    /// <summary>A device on pin 10 whose driver listens to pin 11, and somebody else's line 10.</summary>
    private static (KernelBench Bench, PulseDevice Device, IrqDesc Line, Func<int> Calls) Misrouted(string cmdline, IrqFlags driverFlags = IrqFlags.Shared)
    {
        var bench = new KernelBench(costs: FreeCosts.But(), cmdline: cmdline);
        var (device, line) = bench.Pin(10, isLevel: true);
        bench.Pin(11, isLevel: true);
        int calls = 0;
        bench.Irqs.RequestIrq(10, (_, _) => IrqReturn.None, IrqFlags.Shared, "innocent", new object());
        bench.Irqs.RequestIrq(11, (_, _) =>
        {
            calls++;
            device.Acknowledge(bench.Kernel.CurrentCpu!.LocalPs);
            return IrqReturn.Handled;
        }, driverFlags, "driver", new object());
        return (bench, device, line, () => calls);
    }

    [Fact]
    public void With_irqfixup_the_handler_of_another_line_claims_the_interrupt()
    {
        var (bench, device, line, calls) = Misrouted("irqfixup");
        device.Raise(0);
        bench.RunFor(SimTime.Millisecond);
        Assert.Equal((1, 1ul, 0u, 0), (calls(), line.Total, line.Unhandled, line.Depth));
        Assert.Equal(["Misrouted IRQ fixup support enabled.", "This may impact system performance."], bench.Log);
    }

    [Fact]
    public void A_line_that_is_not_shared_is_not_asked()
    {
        var (bench, device, line, calls) = Misrouted("irqfixup", IrqFlags.None);
        device.Raise(0);
        bench.RunFor(SimTime.Second);
        Assert.Equal((0, 100_000ul, 1), (calls(), line.Total, line.Depth));
    }

    [Fact]
    public void Irqpoll_asks_all_lines_on_every_interrupt_of_one_that_is_good_for_polling()
    {
        var (bench, _, _, calls) = Misrouted("irqpoll");
        var (timer, line) = bench.Message("timer");
        bench.Irqs.RequestIrq(line.Irq, (_, _) => IrqReturn.Handled, IrqFlags.IrqPoll, "timer", this);
        for (int i = 0; i < 3; i++)
        {
            timer.Raise(bench.NowPs);
            bench.RunFor(SimTime.Millisecond);
        }
        Assert.Equal(3, calls());
    }

    [Fact]
    public void With_noirqdebug_no_line_is_ever_cut()
    {
        var bench = new KernelBench(costs: FreeCosts.But(), cmdline: "noirqdebug");
        var (device, line) = bench.Message();
        bench.Irqs.RequestIrq(line.Irq, (_, _) => IrqReturn.None, IrqFlags.None, "dev", this);
        device.Start(new ConstantArrivals(200_000), new RandomStream(1, "dev"), 0);
        bench.RunUntil(SimTime.Second);
        Assert.InRange(line.Total, 199_990ul, 200_000ul);
        Assert.Equal((0, 0u), (line.Depth, line.Unhandled));
        Assert.Equal(["IRQ lockup detection disabled"], bench.Log);
    }

    [Fact]
    public void The_handlers_of_a_cut_shared_line_are_polled_ten_times_a_second()
    {
        var bench = new KernelBench(costs: FreeCosts.But());
        var (device, line) = bench.Pin(9, isLevel: true);
        int calls = 0;
        bench.Irqs.RequestIrq(9, (_, _) =>
        {
            calls++;
            return IrqReturn.None;
        }, IrqFlags.Shared, "deaf", this);
        device.Raise(0);
        bench.RunUntil(SimTime.Millisecond * 50);
        Assert.Equal((100_000, 1), (calls, line.Depth));
        bench.RunFor(SimTime.Second);
        Assert.Equal((100_010, 100_000ul), (calls, line.Total));
        Assert.Equal("count 0\nunhandled 0\nlast_unhandled 4294667296 ms\n", bench.Read("/proc/irq/9/spurious"));
    }
}
