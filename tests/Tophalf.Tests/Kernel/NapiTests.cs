using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel;

/// <summary>NAPI and net_rx_action: portions of 64, a budget of 300, two jiffies (net/core/dev.c).</summary>
public class NapiTests
{
    private readonly KernelBench _bench = new();

    private Cpu Cpu => _bench.Kernel.Cpus[0];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(63, 1)]
    [InlineData(64, 2)]
    [InlineData(65, 2)]
    [InlineData(128, 3)]
    [InlineData(1000, 16)]
    public void A_poll_takes_sixty_four_and_the_interrupt_is_armed_only_below_that(int packets, int polls)
    {
        var napi = new NapiBench(_bench, "mlx5", queues: 1, rxUsecs: 10);
        napi.Burst(0, packets, 0);
        napi.Run();
        Assert.Equal((1, polls, packets), (napi.Interrupts, napi.Polls, napi.Device.RxTaken));
        Assert.Equal((uint)packets, Cpu.Softnet.Processed);
    }

    [Fact]
    public void A_lone_busy_queue_never_squeezes_its_full_poll_ends_the_round()
    {
        var napi = new NapiBench(_bench, "mlx5", queues: 1, rxUsecs: 10);
        napi.Burst(0, 1000, 0);
        napi.Run();
        Assert.Equal(0u, Cpu.Softnet.TimeSqueeze);
        Assert.Equal(16u, Cpu.Softirqs[SoftirqVector.NET_RX]);
    }

    [Fact]
    public void Eight_busy_queues_squeeze_when_five_polls_have_used_up_the_budget()
    {
        var napi = new NapiBench(_bench, "virtio-net", queues: 8, rxUsecs: 10);
        napi.BurstToAll(64, 0);
        while (Cpu.Softnet.TimeSqueeze == 0) Assert.True(_bench.Events.RunOne());
        // The first round had the first queue alone, whose interrupt came first; the second has all eight, the third has just begun.
        Assert.Equal((64u + 5 * 64, 3u), (Cpu.Softnet.Processed, Cpu.Softirqs[SoftirqVector.NET_RX]));
        napi.Run();
        Assert.Equal((8 * 64, 16), (napi.Device.RxTaken, napi.Polls));
    }

    [Fact]
    public void A_larger_budget_lets_them_through_in_one_round()
    {
        var napi = new NapiBench(_bench, "virtio-net", queues: 8, rxUsecs: 10);
        Assert.Equal(Errno.None, _bench.Write("/proc/sys/net/core/netdev_budget", "600\n"));
        napi.BurstToAll(64, 0);
        napi.Run();
        Assert.Equal(0u, Cpu.Softnet.TimeSqueeze);
    }

    [Fact]
    public void Two_jiffies_squeeze_whatever_is_left_of_the_budget()
    {
        var bench = new KernelBench(costs: FreeCosts.But(("rx_driver", 50_000)), hz: 1000); // 3.2 ms a poll
        var napi = new NapiBench(bench, "mlx5", queues: 1, rxUsecs: 10);
        napi.Burst(0, 70, 0);
        napi.Run();
        Assert.Equal(1u, bench.Kernel.Cpus[0].Softnet.TimeSqueeze);
        Assert.Equal(70, napi.Device.RxTaken);
    }

    [Fact]
    public void Packets_that_come_during_a_poll_need_no_interrupt()
    {
        var napi = new NapiBench(_bench, "mlx5", queues: 1, rxUsecs: 0);
        napi.Burst(0, 30, 0);
        napi.Burst(0, 30, 3 * SimTime.Microsecond);
        napi.Run();
        Assert.Equal((1, 1, 60), (napi.Interrupts, napi.Polls, napi.Device.RxTaken));
    }

    [Fact]
    public void A_full_ring_drops_what_comes_and_keeps_what_it_has()
    {
        var napi = new NapiBench(_bench, "mlx5", queues: 1, rxUsecs: 100);
        napi.Burst(0, 1500, 0);
        napi.Run();
        Assert.Equal((1024, 476), (napi.Device.RxTaken, napi.Device.RxDropped));
    }
}
