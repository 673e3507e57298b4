using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel;

/// <summary>Handlers in threads: request_threaded_irq, IRQ_WAKE_THREAD and IRQF_ONESHOT (kernel/irq/manage.c, handle.c).</summary>
public class ThreadedIrqTests
{
    private const int ThreadUs = 20;

    [Fact]
    public void A_level_oneshot_line_stays_masked_until_its_thread_is_done()
    {
        var bench = new KernelBench();
        var (device, line) = bench.Pin(5, isLevel: true);
        List<string> story = [];
        int error = bench.Irqs.RequestThreadedIrq(5, null, (_, _) =>
        {
            Cpu cpu = bench.Kernel.CurrentCpu!;
            story.Add($"thread begins, masked {bench.IoApic[5].IsMasked}, line {line.CountOn(0)}");
            cpu.Spend(ThreadUs * SimTime.Microsecond);
            device.Acknowledge(cpu.LocalPs - SimTime.Nanosecond);
            return IrqReturn.Handled;
        }, IrqFlags.OneShot, "i2c", device);
        Assert.Equal(0, error);

        device.Raise(0);
        bench.RunUntil(15 * SimTime.Microsecond);
        story.Add($"thread at work, masked {bench.IoApic[5].IsMasked}, active {bench.IoApic.IsActive(5)}, line {line.CountOn(0)}");
        bench.RunUntil(SimTime.Millisecond);
        story.Add($"thread done, masked {bench.IoApic[5].IsMasked}, active {bench.IoApic.IsActive(5)}, line {line.CountOn(0)}");

        Assert.Equal(
        [
            "thread begins, masked True, line 1",
            "thread at work, masked True, active True, line 1",
            "thread done, masked False, active False, line 1",
        ], story);
    }

    [Fact]
    public void A_line_still_active_when_its_thread_is_done_is_delivered_again()
    {
        var bench = new KernelBench();
        var (device, line) = bench.Pin(5, isLevel: true);
        int runs = 0;
        bench.Irqs.RequestThreadedIrq(5, null, (_, _) =>
        {
            Cpu cpu = bench.Kernel.CurrentCpu!;
            cpu.Spend(SimTime.Microsecond);
            if (++runs == 3) device.Acknowledge(cpu.LocalPs);
            return IrqReturn.Handled;
        }, IrqFlags.OneShot, "i2c", device);
        device.Raise(0);
        bench.RunUntil(SimTime.Millisecond);
        Assert.Equal((3, 3u), (runs, line.CountOn(0)));
    }

    [Fact]
    public void The_thread_is_a_fifo_task_named_after_its_line_and_beats_fair_tasks()
    {
        var bench = new KernelBench();
        var (device, line) = bench.Message("nvme0q1");
        long ranPs = 0;
        bench.Irqs.RequestThreadedIrq(line.Irq, (_, _) => IrqReturn.WakeThread, (_, _) =>
        {
            ranPs = bench.Kernel.CurrentCpu!.LocalPs;
            return IrqReturn.Handled;
        }, IrqFlags.None, "nvme0q1", device);
        var hog = new PeriodicTask(bench.Kernel, "hog", 0, SimTime.Second, 0, CpuClass.User);
        bench.Kernel.AddTask(hog, bench.Kernel.Cpus[0]);
        bench.Kernel.Wake(hog, bench.Kernel.Cpus[0], 0);

        bench.At(SimTime.Millisecond, () => device.Raise(bench.NowPs));
        bench.RunUntil(2 * SimTime.Millisecond);

        KernelTask thread = Assert.Single(bench.Kernel.Tasks, task => task.Comm == $"irq/{line.Irq}-nvme0q1");
        Assert.Equal((SchedulingPolicy.Fifo, 50), (thread.Policy, thread.RtPriority));
        Assert.InRange(ranPs, SimTime.Millisecond, SimTime.Millisecond + 5 * SimTime.Microsecond);
    }

    [Fact]
    public void Waking_a_thread_that_does_not_exist_is_said_once()
    {
        var bench = new KernelBench();
        var (device, line) = bench.Message();
        bench.Irqs.RequestIrq(line.Irq, (_, _) => IrqReturn.WakeThread, IrqFlags.None, "dev", device);
        for (int i = 0; i < 5; i++) bench.At(i * SimTime.Millisecond, () => device.Raise(bench.NowPs));
        bench.RunUntil(10 * SimTime.Millisecond);
        Assert.Equal(5u, line.CountOn(0));
        Assert.Equal([$"IRQ {line.Irq} device dev returned IRQ_WAKE_THREAD but no thread function available."], bench.Log);
    }

    [Fact]
    public void A_thread_without_primary_handler_needs_oneshot_where_the_chip_may_lose_interrupts()
    {
        var bench = new KernelBench();
        bench.Pin(5, isLevel: true);
        var (_, message) = bench.Message();
        static IrqReturn Thread(int irq, object? dev) => IrqReturn.Handled;
        Assert.Equal(-(int)Errno.EINVAL, bench.Irqs.RequestThreadedIrq(5, null, Thread, IrqFlags.None, "i2c", bench));
        Assert.Equal(["genirq: Threaded irq requested with handler=NULL and !ONESHOT for i2c (irq 5)"], bench.Log);
        Assert.Equal(0, bench.Irqs.RequestThreadedIrq(message.Irq, null, Thread, IrqFlags.None, "nvme", bench));
    }

    [Fact]
    public void Sharers_of_a_oneshot_line_must_be_oneshot_or_plain()
    {
        var bench = new KernelBench();
        bench.Pin(5, isLevel: true);
        static IrqReturn Thread(int irq, object? dev) => IrqReturn.Handled;
        Assert.Equal(0, bench.Irqs.RequestThreadedIrq(5, null, Thread, IrqFlags.Shared | IrqFlags.OneShot, "first", new object()));
        Assert.Equal(0, bench.Irqs.RequestIrq(5, (_, _) => IrqReturn.None, IrqFlags.Shared, "plain", new object()));
        Assert.Equal(-(int)Errno.EBUSY, bench.Irqs.RequestThreadedIrq(5, (_, _) => IrqReturn.None, Thread, IrqFlags.Shared, "threaded", new object()));
        Assert.Equal(["genirq: Flags mismatch irq 5. 00000080 (threaded) vs. 00002080 (first)"], bench.Log);
    }

    [Fact]
    public void An_unhandled_thread_is_noticed_at_the_next_interrupt()
    {
        var bench = new KernelBench();
        var (device, line) = bench.Message();
        bench.Irqs.RequestThreadedIrq(line.Irq, (_, _) => IrqReturn.WakeThread, (_, _) => IrqReturn.None, IrqFlags.None, "dev", device);
        for (int i = 0; i < 4; i++) bench.At(i * SimTime.Millisecond, () => device.Raise(bench.NowPs));
        bench.RunUntil(10 * SimTime.Millisecond);
        Assert.Equal(3u, line.Unhandled);
    }
}
