using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Irq;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel;

/// <summary>
/// When a line is cut (kernel/irq/spurious.c, note_interrupt): more than 99 900 of 100 000 unhandled, none of them more than a tenth of a
/// second after the one before.
/// </summary>
public class SpuriousDetectorTests
{
    private readonly KernelBench _bench = new(costs: FreeCosts.But());
    private readonly PulseDevice _device;
    private readonly IrqDesc _line;
    private int _calls;

    public SpuriousDetectorTests() => (_device, _line) = _bench.Message();

    /// <summary>Every interrupt for which <paramref name="handled"/> says so is claimed; the first has number 0.</summary>
    private void Answer(Func<int, bool> handled) => Assert.Equal(0, _bench.Irqs.RequestIrq(
        _line.Irq, (_, _) => handled(_calls++) ? IrqReturn.Handled : IrqReturn.None, IrqFlags.None, "dev", this));

    private void Run(double rate, int interrupts)
    {
        _device.Start(new ConstantArrivals(rate), new RandomStream(1, "dev"), 0);
        _bench.RunUntil((long)(interrupts / rate * SimTime.Second) + SimTime.Microsecond);
    }

    [Fact]
    public void A_hundred_handled_of_a_hundred_thousand_save_the_line_for_ever()
    {
        Answer(number => number % 1000 == 500);
        Run(10_000, 400_000);
        Assert.Equal((400_000, 0), (_calls, _line.Depth));
        Assert.Empty(_bench.Log);
    }

    [Fact]
    public void Ninety_nine_handled_do_not()
    {
        Answer(number => number % 1000 == 500 && number > 1000);
        Run(10_000, 400_000);
        Assert.Equal((100_000, 1), (_calls, _line.Depth));
    }

    [Fact]
    public void Unhandled_interrupts_more_than_a_tenth_of_a_second_apart_never_cut_a_line()
    {
        Answer(_ => false);
        Run(1 / 0.105, 250_000);
        Assert.Equal((250_000, 0, 1u), (_calls, _line.Depth, _line.Unhandled));
    }

    [Fact]
    public void Handled_interrupts_before_the_first_unhandled_one_do_not_count()
    {
        Answer(number => number < 50_000);
        Run(10_000, 400_000);
        Assert.Equal((150_000, 1), (_calls, _line.Depth));
    }

    [Fact]
    public void A_second_driver_on_a_cut_line_opens_it_again()
    {
        var (device, line) = _bench.Pin(9, isLevel: true);
        _bench.Irqs.RequestIrq(9, (_, _) => IrqReturn.None, IrqFlags.Shared, "first", new object());
        device.Raise(0);
        _bench.RunUntil(SimTime.Second);
        Assert.Equal((100_000ul, 1), (line.Total, line.Depth));

        _bench.Irqs.RequestIrq(9, (_, _) =>
        {
            device.Acknowledge(_bench.Kernel.CurrentCpu!.LocalPs);
            return IrqReturn.Handled;
        }, IrqFlags.Shared, "second", new object());
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal((100_001ul, 0), (line.Total, line.Depth));
    }

    [Fact]
    public void The_spurious_file_shows_the_counts_and_the_moment_of_the_last()
    {
        Answer(_ => false);
        Run(1000, 2500);
        Assert.Equal("count 2500\nunhandled 2500\nlast_unhandled 4294669796 ms\n", _bench.Read($"/proc/irq/{_line.Irq}/spurious"));
    }
}
