using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel;

/// <summary>threadirqs: handlers become threads unless they say otherwise (kernel/irq/manage.c, irq_setup_forced_threading).</summary>
public class ForcedThreadingTests
{
    private readonly KernelBench _bench = new(cmdline: "threadirqs");

    private IEnumerable<string> Threads => _bench.Kernel.Tasks.Select(task => task.Comm).Where(comm => comm.StartsWith("irq/", StringComparison.Ordinal));

    private static IrqReturn Handled(int irq, object? dev) => IrqReturn.Handled;

    [Fact]
    public void A_plain_handler_runs_in_a_thread()
    {
        var (device, line) = _bench.Message("eth0");
        bool inHardirq = true;
        _bench.Irqs.RequestIrq(line.Irq, (_, _) =>
        {
            inHardirq = _bench.Kernel.CurrentCpu!.InHardirq;
            return IrqReturn.Handled;
        }, IrqFlags.None, "eth0", device);
        device.Raise(0);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal([$"irq/{line.Irq}-eth0"], Threads);
        Assert.Equal((false, 1ul, 0), (inHardirq, line.Total, line.ThreadsActive));
    }

    [Fact]
    public void A_handler_that_has_a_thread_already_gets_a_second_one()
    {
        var (device, line) = _bench.Message();
        List<string> story = [];
        _bench.Irqs.RequestThreadedIrq(line.Irq, (_, _) =>
        {
            story.Add("handler");
            return IrqReturn.WakeThread;
        }, (_, _) =>
        {
            story.Add("thread");
            return IrqReturn.Handled;
        }, IrqFlags.None, "a-very-long-name", device);
        device.Raise(0);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal([$"irq/{line.Irq}-a-very-l", $"irq/{line.Irq}-s-a-very"], Threads);
        Assert.Equal(["handler", "thread"], story);
    }

    [Theory]
    [InlineData(IrqFlags.NoThread)]
    [InlineData(IrqFlags.PerCpu)]
    [InlineData(IrqFlags.Timer)]
    [InlineData(IrqFlags.OneShot)]
    public void Some_requests_are_exempt(IrqFlags flags)
    {
        var (_, line) = _bench.Message();
        Assert.Equal(0, _bench.Irqs.RequestIrq(line.Irq, Handled, flags, "dev", this));
        Assert.Empty(Threads);
    }

    [Fact]
    public void A_level_line_of_two_forced_threads_opens_when_both_are_through()
    {
        var (device, line) = _bench.Pin(16, isLevel: true);
        List<bool> masked = [];
        for (int i = 0; i < 2; i++)
        {
            bool last = i == 1;
            Assert.Equal(0, _bench.Irqs.RequestIrq(16, (_, _) =>
            {
                masked.Add(_bench.IoApic[16].IsMasked);
                Cpu cpu = _bench.Kernel.CurrentCpu!;
                cpu.Spend(SimTime.Microsecond);
                if (last) device.Acknowledge(cpu.LocalPs - 1);
                return IrqReturn.Handled;
            }, IrqFlags.Shared, $"dev{i}", new object()));
        }
        device.Raise(0);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal([true, true], masked);
        Assert.Equal((1ul, false), (line.Total, _bench.IoApic[16].IsMasked));
    }

    [Fact]
    public void A_line_is_quiet_when_its_thread_is_through_and_its_thread_ends_with_it()
    {
        var (device, line) = _bench.Message();
        object dev = new();
        _bench.Irqs.RequestIrq(line.Irq, (_, _) =>
        {
            _bench.Kernel.CurrentCpu!.Spend(50 * SimTime.Microsecond);
            return IrqReturn.Handled;
        }, IrqFlags.None, "dev", dev);
        device.Raise(0);
        _bench.RunFor(10 * SimTime.Microsecond);
        long quietPs = -1;
        Assert.False(_bench.Irqs.DisableHardirq(line.Irq));
        Assert.False(_bench.Irqs.SynchronizeIrq(line.Irq, () => quietPs = _bench.NowPs));
        _bench.RunFor(SimTime.Millisecond);
        Assert.InRange(quietPs, 50 * SimTime.Microsecond, 100 * SimTime.Microsecond);
        Assert.True(_bench.Irqs.FreeIrq(line.Irq, dev));
        Assert.Empty(Threads);
    }
}
