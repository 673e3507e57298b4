using Tophalf.Hardware.Devices;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel;

/// <summary>Softirqs: their order, their limits, and ksoftirqd (kernel/softirq.c).</summary>
public class SoftirqTests
{
    private readonly KernelBench _bench = new();
    private readonly PulseDevice _device;
    private readonly IrqDesc _line;

    public SoftirqTests() => (_device, _line) = _bench.Message();

    private Cpu Cpu => _bench.Kernel.Cpus[0];

    /// <summary>One interrupt whose handler does this.</summary>
    private void Interrupt(Action<Cpu> handler)
    {
        if (_line.Actions.Count == 0) _bench.Claim(_line, _device, handler);
        _device.Raise(_bench.NowPs);
        _bench.RunFor(SimTime.Millisecond);
    }

    [Fact]
    public void They_run_at_the_end_of_the_interrupt_lowest_number_first()
    {
        List<string> ran = [];
        foreach (SoftirqVector vector in new[] { SoftirqVector.RCU, SoftirqVector.HI, SoftirqVector.TASKLET, SoftirqVector.NET_TX })
            Cpu.Softirqs.Open(vector, cpu => ran.Add($"{vector} {cpu.InSoftirq} {cpu.InHardirq}"));
        Interrupt(cpu =>
        {
            cpu.Softirqs.Raise(SoftirqVector.RCU, cpu.LocalPs);
            cpu.Softirqs.Raise(SoftirqVector.TASKLET, cpu.LocalPs);
            cpu.Softirqs.Raise(SoftirqVector.HI, cpu.LocalPs);
            cpu.Softirqs.Raise(SoftirqVector.NET_TX, cpu.LocalPs);
            Assert.Empty(ran);
        });
        Assert.Equal(["HI True False", "NET_TX True False", "TASKLET True False", "RCU True False"], ran);
        Assert.Equal((1u, 1u, 0u), (Cpu.Softirqs[SoftirqVector.HI], Cpu.Softirqs[SoftirqVector.RCU], Cpu.Softirqs[SoftirqVector.SCHED]));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(10, 0)]
    [InlineData(11, 1)]
    [InlineData(20, 1)]
    [InlineData(21, 2)]
    public void After_ten_passes_the_rest_is_left_to_ksoftirqd(int runs, int handedOver)
    {
        int ran = 0;
        Cpu.Softirqs.Open(SoftirqVector.TASKLET, cpu =>
        {
            if (++ran < runs) cpu.Softirqs.Raise(SoftirqVector.TASKLET, _bench.NowPs);
        });
        Interrupt(cpu => cpu.Softirqs.Raise(SoftirqVector.TASKLET, cpu.LocalPs));
        Assert.Equal((runs, handedOver), (ran, Cpu.Softirqs.HandedOver));
        Assert.Equal(handedOver > 0, Cpu.Softirqs.Ksoftirqd.RuntimePs > 0);
        Assert.True(Cpu.Softirqs.Ksoftirqd.IsSleeping);
    }

    [Fact]
    public void A_task_that_wants_the_processor_ends_the_passes_early()
    {
        var task = new SleeperTask("task", CpuMask.Of(0), SimTime.Microsecond);
        _bench.Kernel.AddTask(task, Cpu);
        int ran = 0;
        Cpu.Softirqs.Open(SoftirqVector.TASKLET, cpu =>
        {
            if (++ran < 3) cpu.Softirqs.Raise(SoftirqVector.TASKLET, _bench.NowPs);
        });
        Interrupt(cpu =>
        {
            _bench.Kernel.Wake(task, cpu, cpu.LocalPs);
            cpu.Softirqs.Raise(SoftirqVector.TASKLET, cpu.LocalPs);
        });
        Assert.Equal((3, 1), (ran, Cpu.Softirqs.HandedOver));
        Assert.Single(task.DonePs);
    }

    [Fact]
    public void Raised_outside_any_interrupt_they_are_ksoftirqds()
    {
        int ran = 0;
        Cpu.Softirqs.Open(SoftirqVector.TASKLET, _ => ran++);
        Cpu.Softirqs.Raise(SoftirqVector.TASKLET, 0);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal((1, 1), (ran, Cpu.Softirqs.HandedOver));
    }

    [Fact]
    public void A_softirq_is_interrupted_by_an_interrupt_but_not_by_another_softirq()
    {
        var napi = new NapiBench(_bench, "mlx5", queues: 1, rxUsecs: 10);
        napi.Burst(0, 60, 0);
        List<string> seen = [];
        Cpu.Softirqs.Open(SoftirqVector.TASKLET, _ => seen.Add($"tasklet, {Cpu.Softnet.Processed} packets taken"));
        _bench.Claim(_line, _device, cpu =>
        {
            seen.Add($"interrupt in softirq {cpu.InSoftirq}");
            cpu.Softirqs.Raise(SoftirqVector.TASKLET, cpu.LocalPs);
        });
        _bench.At(15 * SimTime.Microsecond, () => _device.Raise(_bench.NowPs));
        _bench.RunUntil(SimTime.Millisecond);
        Assert.Equal(["interrupt in softirq True", "tasklet, 60 packets taken"], seen);
    }

    [Fact]
    public void Two_milliseconds_in_jiffies_end_the_passes_too()
    {
        // 10 us a packet make 640 us a poll; a lone busy queue is polled once a pass, so ten passes would be 6.4 ms.
        var bench = new KernelBench(costs: FreeCosts.But(("rx_driver", 10_000)), hz: 1000);
        var napi = new NapiBench(bench, "mlx5", queues: 1, rxUsecs: 10);
        napi.Burst(0, 1000, 0);
        Cpu cpu = bench.Kernel.Cpus[0];
        while (cpu.Softirqs.HandedOver == 0) Assert.True(bench.Events.RunOne());
        Assert.Equal(4u, cpu.Softirqs[SoftirqVector.NET_RX]);
        Assert.InRange(bench.NowPs, 2 * SimTime.Millisecond, 2700 * SimTime.Microsecond);
    }

    [Fact]
    public void Ksoftirqd_shares_the_processor_with_a_fair_task_half_and_half()
    {
        var report = TwinRuns.Run("""
            machine: {cores: 1}
            devices:
              eth0: {model: ixgbe, queues: 1}
            workloads:
              - packets: {to: eth0, rate: 10Mpps, app: none}
              - task: {name: hog, cpus: "0", busy: 100%}
            run: 500ms
            """);
        Assert.InRange(report.Cpus[0].UserPct, 45, 52);
        Assert.InRange(report.Cpus[0].KsoftirqdPct, 45, 52);
    }
}
