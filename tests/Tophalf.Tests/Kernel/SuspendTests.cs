using Tophalf.Hardware.Devices;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Irq;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel;

/// <summary>Lines while the machine sleeps (kernel/irq/pm.c), and thread functions that sleep themselves (kernel/irq/manage.c).</summary>
public class SuspendTests
{
    [Fact]
    public void An_interrupt_that_comes_during_the_sleep_is_handled_when_it_ends()
    {
        var bench = new KernelBench();
        var (device, line) = bench.Message();
        int handled = 0;
        bench.Claim(line, device, _ => handled++);
        bench.Irqs.SuspendDeviceIrqs();
        device.Raise(bench.NowPs);
        bench.RunFor(SimTime.Millisecond);
        Assert.Equal((0, 1), (handled, line.Depth));

        bench.Irqs.ResumeDeviceIrqs();
        bench.RunFor(SimTime.Millisecond);
        Assert.Equal((1, 0), (handled, line.Depth));
        Assert.Null(bench.Irqs.WakeupIrq);
    }

    [Fact]
    public void A_wake_up_source_ends_the_sleep_and_its_handler_runs_after_it()
    {
        var bench = new KernelBench();
        var (device, line) = bench.Message();
        int handled = 0;
        bench.Claim(line, device, _ => handled++);
        bench.Irqs.SetIrqWake(line.Irq, on: true);
        bench.Irqs.SuspendDeviceIrqs();
        Assert.Equal(0, line.Depth);
        device.Raise(bench.NowPs);
        bench.RunFor(SimTime.Millisecond);
        Assert.Equal(line.Irq, bench.Irqs.WakeupIrq);
        Assert.Equal((0, 1), (handled, line.Depth));

        bench.Irqs.ResumeDeviceIrqs();
        bench.RunFor(SimTime.Millisecond);
        Assert.Equal((1, 0), (handled, line.Depth));
    }

    [Fact]
    public void A_no_suspend_line_goes_on_and_enabling_a_suspended_one_is_unbalanced()
    {
        var bench = new KernelBench();
        var (timer, timerLine) = bench.Message("timer");
        var (_, other) = bench.Message("other");
        int ticks = 0;
        bench.Irqs.RequestIrq(timerLine.Irq, (_, _) =>
        {
            ticks++;
            return IrqReturn.Handled;
        }, IrqFlags.NoSuspend, "timer", timer);
        bench.Irqs.RequestIrq(other.Irq, (_, _) => IrqReturn.Handled, IrqFlags.None, "other", other);
        bench.Irqs.SuspendDeviceIrqs();
        timer.Raise(bench.NowPs);
        bench.RunFor(SimTime.Millisecond);
        bench.Irqs.EnableIrq(other.Irq);
        Assert.Equal((1, 1), (ticks, other.Depth));
        Assert.Equal([$"Unbalanced enable for IRQ {other.Irq}"], bench.Log);
    }

    [Fact]
    public void Free_irq_is_through_only_after_a_thread_that_sleeps_is()
    {
        var bench = new KernelBench();
        var (device, line) = bench.Message();
        List<string> told = [];
        IEnumerable<Sleep> Thread(int irq, object? devId)
        {
            told.Add("thread begins");
            yield return Sleep.Msleep(20);
            told.Add("thread ends");
        }
        Assert.Equal(0, bench.Irqs.RequestThreadedIrqSleeping(line.Irq, (_, _) => IrqReturn.WakeThread, Thread, IrqFlags.None, "dev", device));
        device.Raise(bench.NowPs);
        bench.RunFor(SimTime.Millisecond);
        Assert.Equal(1, line.ThreadsActive);

        Assert.True(bench.Irqs.FreeIrq(line.Irq, device, () => told.Add("freed")));
        bench.RunFor(100 * SimTime.Millisecond);
        Assert.Equal(["thread begins", "thread ends", "freed"], told);
        Assert.Equal((0, 1u), (line.ThreadsActive, (uint)line.Total));
    }
}
