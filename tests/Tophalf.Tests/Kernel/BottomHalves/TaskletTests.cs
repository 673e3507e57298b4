using Tophalf.Hardware.Devices;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.BottomHalves;

/// <summary>Tasklets (kernel/softirq.c).</summary>
public class TaskletTests
{
    private readonly KernelBench _bench = new(cpus: 2);
    private readonly List<string> _story = [];

    private Tasklets Tasklets => _bench.Kernel.Tasklets;

    /// <summary>Two devices, one interrupting each processor, whose handlers do this.</summary>
    private void InterruptOn(int cpu, long atPs, Action<Cpu> handler)
    {
        (PulseDevice device, IrqDesc line) = _bench.Message($"dev{cpu}");
        _bench.Claim(line, device, handler);
        Assert.Equal(Tophalf.Linux.Errno.None, _bench.Write($"/proc/irq/{line.Irq}/smp_affinity_list", $"{cpu}\n"));
        // Without remapping the first interrupt moves the line.
        device.Raise(_bench.NowPs);
        _bench.RunFor(SimTime.Millisecond);
        _bench.At(_bench.NowPs + atPs, () => device.Raise(_bench.NowPs));
    }

    private Tasklet Named(string name, long spendPs = 0, Action<Tasklet>? also = null) => new(tasklet =>
    {
        Cpu cpu = _bench.Kernel.CurrentCpu!;
        _story.Add($"{name} on CPU {cpu.Id} softirq {cpu.InSoftirq} hardirq {cpu.InHardirq}");
        cpu.Spend(spendPs);
        also?.Invoke(tasklet);
    });

    private void FromHandler(Action action)
    {
        (PulseDevice device, IrqDesc line) = _bench.Message();
        _bench.Claim(line, device, _ => action());
        device.Raise(_bench.NowPs);
        _bench.RunFor(20 * SimTime.Millisecond);
    }

    [Fact]
    public void They_run_after_the_interrupt_the_high_ones_first_each_list_in_order()
    {
        Tasklet a = Named("a"), b = Named("b"), high = Named("high");
        FromHandler(() =>
        {
            Tasklets.Schedule(a);
            Tasklets.Schedule(b);
            Tasklets.Schedule(a); // scheduled already
            Tasklets.HiSchedule(high);
            Assert.Empty(_story);
        });
        Assert.Equal(["high on CPU 0 softirq True hardirq False", "a on CPU 0 softirq True hardirq False", "b on CPU 0 softirq True hardirq False"], _story);
        Assert.Equal((1u, 1u), (_bench.Kernel.Cpus[0].Softirqs[SoftirqVector.HI], _bench.Kernel.Cpus[0].Softirqs[SoftirqVector.TASKLET]));
    }

    [Fact]
    public void The_time_of_a_tasklet_is_softirq_time()
    {
        long before = _bench.Kernel.Cpus[0].Time[CpuClass.Softirq];
        Tasklet slow = Named("slow", 3 * SimTime.Millisecond);
        FromHandler(() => Tasklets.Schedule(slow));
        Assert.InRange(_bench.Kernel.Cpus[0].Time[CpuClass.Softirq] - before, 3 * SimTime.Millisecond, 3 * SimTime.Millisecond + SimTime.Microsecond);
    }

    [Fact]
    public void One_that_schedules_itself_runs_ten_times_and_then_in_ksoftirqd()
    {
        int runs = 0;
        Tasklet again = Named("again", also: tasklet =>
        {
            if (++runs < 12) Tasklets.Schedule(tasklet);
        });
        FromHandler(() => Tasklets.Schedule(again));
        Assert.Equal(12, runs);
        Assert.Equal(1, _bench.Kernel.Cpus[0].Softirqs.HandedOver);
    }

    [Fact]
    public void A_disabled_one_waits_and_its_softirq_spins_until_it_is_enabled()
    {
        Tasklet tasklet = Named("t");
        Tasklets.Disable(tasklet);
        _bench.At(5 * SimTime.Millisecond, () => Tasklets.Enable(tasklet));
        FromHandler(() => Tasklets.Schedule(tasklet));
        Assert.Single(_story);
        Assert.InRange(_bench.Kernel.Cpus[0].Softirqs[SoftirqVector.TASKLET], 100u, uint.MaxValue);
        Assert.True(_bench.Kernel.Cpus[0].Softirqs.Ksoftirqd.RuntimePs > 0);
    }

    [Fact]
    public void Scheduled_on_another_processor_while_it_runs_it_waits_there_until_it_is_through()
    {
        Tasklet tasklet = Named("t", 100 * SimTime.Microsecond);
        InterruptOn(0, 2 * SimTime.Millisecond, _ => { });
        _story.Clear();
        InterruptOn(1, SimTime.Millisecond + 50 * SimTime.Microsecond, _ => Tasklets.Schedule(tasklet));
        _bench.RunFor(500 * SimTime.Microsecond);
        _story.Clear();
        long collisionsBefore = Tasklets.Collisions;
        _bench.At(_bench.NowPs + 500 * SimTime.Microsecond, () => Tasklets.Schedule(tasklet)); // on CPU 0, by ksoftirqd
        _bench.RunFor(5 * SimTime.Millisecond);
        Assert.Equal(["t on CPU 0 softirq True hardirq False", "t on CPU 1 softirq True hardirq False"], _story);
        Assert.True(Tasklets.Collisions > collisionsBefore);
    }

    [Fact]
    public void Kill_waits_for_the_last_run_even_of_one_that_schedules_itself()
    {
        bool killed = false;
        Tasklet forever = Named("forever", SimTime.Microsecond, Tasklets.Schedule);
        _bench.At(3 * SimTime.Millisecond, () => Assert.False(Tasklets.Kill(forever, () => killed = true)));
        FromHandler(() => Tasklets.Schedule(forever));
        Assert.True(killed);
        Assert.False(forever.IsScheduled);
        Assert.True(Tasklets.Kill(forever));
    }

    [Fact]
    public void Killing_from_an_interrupt_is_remarked_upon()
    {
        Tasklet tasklet = Named("t");
        FromHandler(() => Tasklets.Kill(tasklet));
        Assert.Contains("Attempt to kill tasklet from interrupt", _bench.Log);
    }
}
