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
        RunsWithout(machine, 200 * SimTime.Millisecond, () => machine.NetDevices[0].RxTaken, 1_990_000, 2_010_000);
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
        RunsWithout(machine, 200 * SimTime.Millisecond, () => machine.NetDevices[0].Delivered, 190_000, 210_000);
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
        RunsWithout(machine, 500 * SimTime.Millisecond, () => (long)machine.Kernel.Irqs.All.Last().Total, kilo * 490, kilo * 510);
    }

    [Fact]
    public void A_million_interrupts_a_second_allocate_nothing()
    {
        var bench = new KernelBench(costs: FreeCosts.But(("top_half", 300)));
        var (device, line) = bench.Message();
        bench.Claim(line, device, cpu => cpu.Spend(bench.Kernel.Costs.TopHalf));
        device.Start(new ConstantArrivals(1_000_000), new RandomStream(1, "dev"), 0);
        bench.RunUntil(50 * SimTime.Millisecond);
        Allocation.IsNone(() =>
        {
            bench.Events.RunUntil(SimTime.Second / 2);
            return 450_000;
        });
        Assert.Equal(500_000ul, line.Total + (ulong)bench.Kernel.Cpus[0].Apic.Pending);
    }

    /// <summary>Runs the machine, and wants the counter to grow by about as much as given.</summary>
    private static void RunsWithout(TwinMachine machine, long forPs, Func<long> counter, long least, long most)
    {
        long before = counter();
        Allocation.IsNone(() =>
        {
            machine.RunUntil(machine.Events.NowPs + forPs);
            return counter() - before;
        });
        Assert.InRange(counter() - before, least, most);
    }
}
