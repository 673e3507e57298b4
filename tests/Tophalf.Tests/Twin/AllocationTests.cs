using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Xunit;

namespace Tophalf.Tests.Twin;

/// <summary>A machine that has run for a while makes no garbage: neither a packet nor an interrupt leaves a byte behind.</summary>
public class AllocationTests
{
    [Fact]
    public void Ten_million_packets_a_second_over_eight_queues_allocate_nothing()
    {
        TwinMachine machine = TwinRuns.Machine("""
            machine: {cores: 8}
            devices:
              eth0: {model: mlx5, link: 100Gb/s, queues: 8, rss-key: microsoft}
            workloads:
              - packets: {to: eth0, rate: 10Mpps, size: 64, flows: 256, app: none}
            """, 50 * SimTime.Millisecond);
        long before = machine.NetDevices[0].RxTaken;
        long bytes = Allocated(machine, 200 * SimTime.Millisecond);
        long packets = machine.NetDevices[0].RxTaken - before;
        Assert.InRange(packets, 1_990_000, 2_010_000);
        Assert.InRange(bytes / (double)packets, 0, 0.01);
    }

    [Fact]
    public void Packets_that_reach_tasks_allocate_nothing_either()
    {
        TwinMachine machine = TwinRuns.Machine("""
            machine: {cores: 4}
            devices:
              eth0: {model: ixgbe, queues: 4, rss-key: microsoft}
            workloads:
              - packets: {to: eth0, rate: 1Mpps, arrivals: poisson, app: {threads: 4, work: 500ns}}
            """, 50 * SimTime.Millisecond);
        long before = machine.NetDevices[0].Delivered;
        long bytes = Allocated(machine, 200 * SimTime.Millisecond);
        Assert.InRange(bytes / (double)(machine.NetDevices[0].Delivered - before), 0, 0.01);
    }

    [Theory]
    [InlineData("chip: msix")]
    [InlineData("irq: 16, trigger: edge")]
    [InlineData("irq: 16, trigger: level")]
    public void Interrupts_allocate_nothing(string line)
    {
        int kilo = line.Contains("level", StringComparison.Ordinal) ? 300 : 400;
        TwinMachine machine = TwinRuns.Machine($$"""
            machine: {cores: 1}
            devices:
              accel: {model: line, {{line}}}
            workloads:
              - interrupts: {to: accel, rate: {{kilo}}k/s}
            """, 50 * SimTime.Millisecond);
        ulong before = machine.Kernel.Irqs.All.First().Total;
        long bytes = Allocated(machine, 500 * SimTime.Millisecond);
        ulong interrupts = machine.Kernel.Irqs.All.First().Total - before;
        Assert.InRange(interrupts, (ulong)kilo * 490, (ulong)kilo * 510);
        Assert.InRange(bytes / (double)interrupts, 0, 0.99);
    }

    [Fact]
    public void A_million_interrupts_a_second_allocate_nothing()
    {
        var bench = new KernelBench(costs: FreeCosts.But(("top_half", 300)));
        var (device, line) = bench.Message();
        bench.Claim(line, device, cpu => cpu.Spend(bench.Kernel.Costs.TopHalf));
        device.Start(new ConstantArrivals(1_000_000), new RandomStream(1, "dev"), 0);
        bench.RunUntil(50 * SimTime.Millisecond);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bench.Events.RunUntil(SimTime.Second / 2);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4500);
        Assert.Equal(500_000ul, line.Total + (ulong)bench.Kernel.Cpus[0].Apic.Pending);
    }

    private static long Allocated(TwinMachine machine, long forPs)
    {
        long untilPs = machine.Events.NowPs + forPs;
        long before = GC.GetAllocatedBytesForCurrentThread();
        machine.RunUntil(untilPs);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
