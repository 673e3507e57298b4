using Tophalf.Hardware.Devices;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel;

/// <summary>Settings made while packets come in.</summary>
public class EthtoolUnderLoadTests
{
    private readonly KernelBench _bench = new();

    /// <summary>Lets the poll run until it has taken about so many packets, looking from outside as a shell does.</summary>
    private void PollUntilTaken(NapiBench napi, int packets)
    {
        while (napi.Device.RxTaken < packets) _bench.RunFor(100 * SimTime.Nanosecond);
    }

    [Fact]
    public void What_a_poll_has_taken_does_not_count_against_a_smaller_ring()
    {
        var napi = new NapiBench(_bench, "mlx5", queues: 1, rxUsecs: 10);
        napi.Burst(0, 110, 0);
        PollUntilTaken(napi, 1);
        _bench.Events.RunUntil(_bench.NowPs + 11 * SimTime.Microsecond); // some fifty packets later, with nobody looking
        napi.Device.SetRings(rx: 64, tx: null);
        napi.Run();
        Assert.Equal((110, 0), (napi.Device.RxTaken, napi.Device.RxDropped));
    }

    [Fact]
    public void Packets_beyond_a_smaller_ring_are_dropped_and_counted()
    {
        var napi = new NapiBench(_bench, "mlx5", queues: 1, rxUsecs: 100);
        napi.Burst(0, 110, 0);
        _bench.RunFor(50 * SimTime.Microsecond);
        napi.Device.SetRings(rx: 64, tx: null);
        napi.Run();
        Assert.Equal((64, 46), (napi.Device.RxTaken, napi.Device.RxDropped));
    }

    [Fact]
    public void A_queue_that_is_being_polled_while_the_count_of_queues_changes_does_not_interrupt_for_the_same_packets()
    {
        var napi = new NapiBench(_bench, "mlx5", queues: 2, rxUsecs: 0);
        napi.Burst(0, 60, SimTime.Microsecond);
        PollUntilTaken(napi, 10);
        long before = napi.Interrupts;
        napi.Device.SetChannels(null, null, null, combined: 1);
        napi.Run();
        Assert.Equal((before, 60), (napi.Interrupts, napi.Device.RxTaken));

        napi.Burst(0, 1, _bench.NowPs + SimTime.Microsecond);
        napi.Run();
        Assert.Equal((before + 1, 61), (napi.Interrupts, napi.Device.RxTaken));
    }

    [Fact]
    public void A_count_of_frames_is_complete_wherever_its_timer_reaches()
    {
        // The first packet stands at the end of the millisecond that is read ahead, the second behind it.
        var moderation = new Moderation(ModerationKind.FromFirstPacket, 250 * SimTime.Microsecond, Frames: 2);
        var bench = new KernelBench(costs: FreeCosts.But());
        var driver = new BareDriver(bench, ModerationKind.FromFirstPacket, moderation);
        driver.Controller.AddFlows([default]);
        driver.Controller.Port.Connect(new Moments(950 * SimTime.Microsecond, 1050 * SimTime.Microsecond));
        bench.RunUntil(2 * SimTime.Millisecond);
        Assert.Equal((1, 2), (driver.Interrupts, driver.Packets));
        Assert.Equal(100 * SimTime.Microsecond, driver.Delay.Max);
    }

    [Theory]
    [InlineData("3ms", "0ms")]
    [InlineData("0ms", "3ms")]
    public void A_sender_that_starts_late_does_not_hold_back_one_that_starts_early(string first, string second)
    {
        var report = TwinRuns.Run($$"""
            machine: {cores: 1}
            devices:
              eth0: {model: ixgbe, queues: 1}
            workloads:
              - packets: {to: eth0, rate: 100kpps, start: {{first}}, app: none}
              - packets: {to: eth0, rate: 100kpps, start: {{second}}, app: none}
            run: 2ms
            """);
        Assert.InRange(report.Devices[0].Offered, 198, 200);
    }

    private sealed class Moments(params long[] atPs) : IPacketSource
    {
        private int _next;

        public int Read(Span<Packet> frames)
        {
            int read = 0;
            while (read < frames.Length && _next < atPs.Length) frames[read++] = new Packet(atPs[_next++], 64, 0);
            return read;
        }
    }
}
