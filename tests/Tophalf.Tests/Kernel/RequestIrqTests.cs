using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Irq;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel;

/// <summary>request_irq, free_irq and what a line does with its actions (kernel/irq/manage.c, handle.c).</summary>
public class RequestIrqTests
{
    private static IrqReturn Handled(int irq, object? dev) => IrqReturn.Handled;

    [Fact]
    public void What_makes_no_sense_is_invalid()
    {
        var bench = new KernelBench();
        var (_, line) = bench.Message();
        object dev = new();
        const int invalid = -(int)Errno.EINVAL;
        Assert.Equal(invalid, bench.Irqs.RequestIrq(line.Irq, Handled, IrqFlags.Shared, "a", null));
        Assert.Equal(invalid, bench.Irqs.RequestIrq(line.Irq, Handled, IrqFlags.Shared | IrqFlags.NoAutoEn, "a", dev));
        Assert.Equal(invalid, bench.Irqs.RequestIrq(line.Irq, Handled, IrqFlags.CondSuspend, "a", dev));
        Assert.Equal(invalid, bench.Irqs.RequestIrq(line.Irq, Handled, IrqFlags.Shared | IrqFlags.CondSuspend | IrqFlags.NoSuspend, "a", dev));
        Assert.Equal(invalid, bench.Irqs.RequestIrq(999, Handled, IrqFlags.None, "a", dev));
        Assert.Equal(invalid, bench.Irqs.RequestThreadedIrq(line.Irq, null, null, IrqFlags.None, "a", dev));
        Assert.Empty(line.Actions);
        Assert.Empty(bench.Log);
    }

    [Fact]
    public void A_second_driver_that_does_not_share_is_told_so_in_the_kernels_words()
    {
        var bench = new KernelBench();
        var (_, line) = bench.Pin(9, isLevel: true);
        Assert.Equal(0, bench.Irqs.RequestIrq(9, Handled, IrqFlags.Shared, "acpi", new object()));
        Assert.Equal(-(int)Errno.EBUSY, bench.Irqs.RequestIrq(9, Handled, IrqFlags.None, "i801_smbus", new object()));
        Assert.Equal(["genirq: Flags mismatch irq 9. 00200000 (i801_smbus) vs. 00200080 (acpi)"], bench.Log);
        Assert.Single(line.Actions);
    }

    [Theory]
    [InlineData(IrqFlags.Shared, IrqFlags.None)]
    [InlineData(IrqFlags.Shared | IrqFlags.PerCpu, IrqFlags.Shared)]
    public void Sharers_must_agree_on_sharing_and_per_cpu(IrqFlags first, IrqFlags second)
    {
        var bench = new KernelBench();
        bench.Pin(9, isLevel: true);
        Assert.Equal(0, bench.Irqs.RequestIrq(9, Handled, first, "first", new object()));
        Assert.Equal(-(int)Errno.EBUSY, bench.Irqs.RequestIrq(9, Handled, second, "second", new object()));
        Assert.Single(bench.Log);
    }

    [Fact]
    public void A_prober_that_expects_a_mismatch_is_refused_in_silence()
    {
        var bench = new KernelBench();
        bench.Pin(9, isLevel: true);
        bench.Irqs.RequestIrq(9, Handled, IrqFlags.None, "first", new object());
        Assert.Equal(-(int)Errno.EBUSY, bench.Irqs.RequestIrq(9, Handled, IrqFlags.ProbeShared, "prober", new object()));
        Assert.Empty(bench.Log);
    }

    [Fact]
    public void All_actions_of_a_shared_line_run_in_the_order_of_their_requests()
    {
        var bench = new KernelBench();
        var (device, line) = bench.Pin(16, isLevel: true);
        List<string> ran = [];
        IrqHandler Action(string name, IrqReturn answer) => (_, _) =>
        {
            ran.Add(name);
            if (answer == IrqReturn.Handled) device.Acknowledge(bench.Kernel.CurrentCpu!.LocalPs);
            return answer;
        };
        bench.Irqs.RequestIrq(16, Action("ehci_hcd", IrqReturn.None), IrqFlags.Shared, "ehci_hcd", new object());
        bench.Irqs.RequestIrq(16, Action("snd", IrqReturn.Handled), IrqFlags.Shared, "snd", new object());
        bench.Irqs.RequestIrq(16, Action("smbus", IrqReturn.None), IrqFlags.Shared, "smbus", new object());

        bench.At(SimTime.Millisecond, () => device.Raise(bench.NowPs));
        bench.RunUntil(2 * SimTime.Millisecond);

        Assert.Equal(["ehci_hcd", "snd", "smbus"], ran);
        Assert.Equal((1u, 0u), (line.CountOn(0), line.Unhandled));
        Assert.Contains(" 16-fasteoi   ehci_hcd, snd, smbus\n", bench.Read("/proc/interrupts"));
    }

    [Fact]
    public void Freeing_the_last_action_masks_the_line_and_gives_its_vector_back()
    {
        var bench = new KernelBench(cpus: 2);
        var (device, line) = bench.Message();
        int before = bench.Kernel.Vectors.Matrix.TotalAllocated;
        object dev = new();
        bench.Irqs.RequestIrq(line.Irq, Handled, IrqFlags.None, "dev", dev);
        Assert.Equal(before + 1, bench.Kernel.Vectors.Matrix.TotalAllocated);

        Assert.True(bench.Irqs.FreeIrq(line.Irq, dev));

        Assert.Equal(before, bench.Kernel.Vectors.Matrix.TotalAllocated);
        Assert.Null(bench.Kernel.Vectors[0, line.Vector]);
        device.Raise(0);
        bench.RunUntil(SimTime.Millisecond);
        Assert.Equal(0ul, line.Total);
        Assert.DoesNotContain(" dev\n", bench.Read("/proc/interrupts"));
        Assert.False(bench.Irqs.FreeIrq(line.Irq, dev));
        Assert.Equal([$"Trying to free already-free IRQ {line.Irq}"], bench.Log);
    }

    [Fact]
    public void Freeing_one_of_two_sharers_leaves_the_line_to_the_other()
    {
        var bench = new KernelBench();
        var (device, line) = bench.Pin(16, isLevel: true);
        object first = new(), second = new();
        int ran = 0;
        bench.Irqs.RequestIrq(16, Handled, IrqFlags.Shared, "first", first);
        bench.Irqs.RequestIrq(16, (_, _) =>
        {
            ran++;
            device.Acknowledge(bench.Kernel.CurrentCpu!.LocalPs);
            return IrqReturn.Handled;
        }, IrqFlags.Shared, "second", second);
        Assert.True(bench.Irqs.FreeIrq(16, first));
        device.Raise(0);
        bench.RunUntil(SimTime.Millisecond);
        Assert.Equal((1, 0), (ran, line.Depth));
    }

    [Fact]
    public void The_first_late_message_of_a_freed_line_is_dropped_in_silence_a_second_is_reported()
    {
        var bench = new KernelBench();
        var (device, line) = bench.Message();
        object dev = new();
        bench.Irqs.RequestIrq(line.Irq, Handled, IrqFlags.None, "dev", dev);
        int vector = line.Vector;
        device.Raise(0); // under way when the line goes
        bench.Irqs.FreeIrq(line.Irq, dev);
        bench.RunUntil(SimTime.Millisecond);
        Assert.Empty(bench.Log);
        bench.Kernel.Cpus[0].Apic.SendFixed((byte)vector, 0, bench.NowPs);
        bench.RunFor(SimTime.Millisecond);
        Assert.Equal([$"No irq handler for 0.{vector}"], bench.Log);
    }

    /// <summary>The two chips of x86 cannot set a type, so the line has none until the second action brings one (irqd_trigger_type_was_set).</summary>
    [Fact]
    public void Sharers_must_agree_on_the_trigger_once_the_line_has_one()
    {
        var bench = new KernelBench();
        bench.Pin(9, isLevel: true);
        Assert.Equal(0, bench.Irqs.RequestIrq(9, Handled, IrqFlags.Shared | IrqFlags.TriggerLow, "first", new object()));
        Assert.Equal(0, bench.Irqs.RequestIrq(9, Handled, IrqFlags.Shared | IrqFlags.TriggerHigh, "second", new object()));
        Assert.Equal(0, bench.Irqs.RequestIrq(9, Handled, IrqFlags.Shared, "third", new object()));
        Assert.Equal(-(int)Errno.EBUSY, bench.Irqs.RequestIrq(9, Handled, IrqFlags.Shared | IrqFlags.TriggerLow, "fourth", new object()));
        Assert.Equal(["genirq: Flags mismatch irq 9. 00200088 (fourth) vs. 00200088 (first)"], bench.Log);
    }

    [Fact]
    public void A_bogus_return_value_is_reported_and_not_counted()
    {
        var bench = new KernelBench();
        var (device, line) = bench.Message();
        bench.Irqs.RequestIrq(line.Irq, (_, _) => (IrqReturn)0x10, IrqFlags.None, "dev", bench);
        device.Raise(0);
        bench.RunUntil(SimTime.Millisecond);
        Assert.Equal($"irq event {line.Irq}: bogus return value 10", bench.Log.First());
        Assert.Equal(0u, line.Unhandled);
    }
}
