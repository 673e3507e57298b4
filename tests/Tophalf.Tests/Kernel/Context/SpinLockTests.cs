using Tophalf.Kernel.Context;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Context;

/// <summary>Spinlocks between processors, and between a handler and what it interrupts.</summary>
public class SpinLockTests
{
    [Fact]
    public void A_handler_elsewhere_spins_until_the_holder_lets_go()
    {
        var bench = new KernelBench(cpus: 2);
        var shared = new RawSpinLock(bench.Kernel);
        List<long> heldUntilPs = [], gotPs = [];
        for (int cpu = 0; cpu < 2; cpu++)
        {
            var (device, line) = bench.Message($"dev{cpu}");
            bench.Irqs.SetAffinity(line, CpuMask.Of(cpu));
            bench.Claim(line, device, on =>
            {
                shared.Lock();
                gotPs.Add(on.LocalPs);
                on.Spend(50 * SimTime.Microsecond);
                heldUntilPs.Add(on.LocalPs);
                shared.Unlock();
            });
            device.Raise((1 + cpu) * SimTime.Microsecond);
        }
        bench.RunFor(SimTime.Millisecond);
        Assert.Equal(2, gotPs.Count);
        Assert.True(gotPs[1] >= heldUntilPs[0]);
        Assert.InRange(shared.SpunPs, 48 * SimTime.Microsecond, 50 * SimTime.Microsecond);
        Assert.All(bench.Kernel.Cpus, cpu => Assert.Equal(0u, cpu.PreemptCount));
    }

    [Fact]
    public void The_count_says_which_kind_is_held()
    {
        var bench = new KernelBench();
        var shared = new RawSpinLock(bench.Kernel);
        List<uint> counts = [];
        var (device, line) = bench.Message();
        Assert.Equal(0, bench.Irqs.RequestThreadedIrq(line.Irq, (_, _) =>
        {
            device.Acknowledge(bench.Kernel.CurrentCpu!.LocalPs);
            return IrqReturn.WakeThread;
        }, (_, _) =>
        {
            Cpu cpu = bench.Kernel.CurrentCpu!;
            shared.Lock();
            counts.Add(cpu.PreemptCount);
            shared.Unlock();
            shared.LockBh();
            counts.Add(cpu.PreemptCount);
            shared.UnlockBh();
            shared.LockIrqSave();
            counts.Add(cpu.PreemptCount);
            Assert.True(cpu.IrqsDisabled);
            shared.UnlockIrqRestore();
            Assert.False(cpu.IrqsDisabled || cpu.InAtomic);
            return IrqReturn.Handled;
        }, IrqFlags.None, "t", device));
        device.Raise(0);
        bench.RunFor(SimTime.Millisecond);
        Assert.Equal([1u, 0x201u, 1u], counts);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public void A_handler_that_meets_the_lock_of_the_task_below_it_hangs_unless_the_task_keeps_interrupts_off(bool irqSave, int hardLockups)
    {
        var bench = new KernelBench(configure: options => options);
        var shared = new RawSpinLock(bench.Kernel);
        var (device, line) = bench.Message("dev");
        var (waker, wakerLine) = bench.Message("waker");
        int handled = 0;
        bench.Claim(line, device, _ =>
        {
            shared.Lock();
            handled++;
            shared.Unlock();
        });
        // The thread takes the lock, is a millisecond about it, and gives it back.
        Assert.Equal(0, bench.Irqs.RequestThreadedIrq(wakerLine.Irq, (_, _) =>
        {
            waker.Acknowledge(bench.Kernel.CurrentCpu!.LocalPs);
            return IrqReturn.WakeThread;
        }, (_, _) =>
        {
            if (irqSave) shared.LockIrqSave();
            else shared.Lock();
            bench.Kernel.CurrentCpu!.Spend(SimTime.Millisecond);
            if (irqSave) shared.UnlockIrqRestore();
            else shared.Unlock();
            return IrqReturn.Handled;
        }, IrqFlags.None, "task", waker));
        waker.Raise(0);
        device.Raise(500 * SimTime.Microsecond);
        bench.RunFor(30 * SimTime.Second);
        Assert.Equal((hardLockups, 1 - hardLockups), (bench.Kernel.Lockups[bench.Kernel.Cpus[0]].HardLockups, handled));
    }
}
