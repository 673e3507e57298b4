using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Twin.Workloads;

/// <summary>TCP senders with a window: the link, the window, or the receiver limits them.</summary>
public class BulkStreamsTests
{
    [Fact]
    public void Enough_streams_fill_the_link_with_data()
    {
        StreamsReport streams = Run("count: 20").Streams[0];
        // 1448 of each 1538 bytes on the wire are data.
        Assert.InRange(8 * streams.AcknowledgedBytes / 0.02 / 1e9, 10 * 1448 / 1538.0 * 0.96, 10 * 1448 / 1538.0);
        Assert.Equal(0, streams.Timeouts);
    }

    [Fact]
    public void One_stream_has_a_window_of_data_in_every_round_trip()
    {
        StreamsReport streams = Run("count: 1, train: 4, window: 4, delay: 200us").Streams[0];
        // 200 us outside, 5 us on the wire, a few in the machine.
        Assert.InRange(streams.Acknowledged, 4 * 20_000 / 215, 4 * 20_000 / 205);
    }

    [Fact]
    public void Without_gro_every_second_segment_is_acknowledged_and_with_it_every_piece()
    {
        RunReport off = Run("count: 20", "ethtool -K eth0 gro off"), on = Run("count: 20");
        Assert.Equal(off.Devices[0].StreamSegments, off.Devices[0].StreamPieces);
        // 22 pairs of a train of 45, and the pushed one that is left.
        Assert.InRange(off.Streams[0].Acknowledged / (double)off.Streams[0].Acks, 45 / 23.0 * 0.99, 2);
        Assert.InRange(on.Devices[0].StreamPieces, 1, off.Devices[0].StreamPieces / 2);
        Assert.InRange(on.Streams[0].Acks, 1, on.Devices[0].StreamPieces);
    }

    [Fact]
    public void A_stream_that_lost_a_segment_goes_back_after_the_timeout_and_nothing_is_received_twice()
    {
        RunReport report = Run("count: 20, timeout: 500us", "ethtool -G eth0 rx 64", "livelock1996");
        Assert.InRange(report.Devices[0].RxDropped, 1, long.MaxValue);
        Assert.InRange(report.Streams[0].Timeouts, 1, long.MaxValue);
        Assert.InRange(report.Devices[0].StreamSegments - report.Streams[0].Acknowledged, 0, 20 * 90);
        Assert.InRange(report.Streams[0].Acknowledged, 100, report.Devices[0].RxPackets);
    }

    [Fact]
    public void Steering_sends_pieces_to_other_processors_and_not_segments()
    {
        RunReport report = Run("count: 20", "ethtool -L eth0 combined 1; echo e > /sys/class/net/eth0/queues/rx-0/rps_cpus; echo 20000 > /sys/class/net/eth0/gro_flush_timeout");
        Assert.InRange(report.Cpus.Skip(1).Sum(cpu => cpu.SoftnetProcessed), 1, report.Devices[0].StreamSegments / 10);
        Assert.InRange(report.Devices[0].StreamSegments, 10_000, long.MaxValue);
    }

    [Fact]
    public void Streams_that_have_run_for_a_while_allocate_nothing()
    {
        TwinMachine machine = TwinRuns.Machine(Yaml("count: 50"), 20 * SimTime.Millisecond);
        long before = machine.NetDevices[0].Delivered;
        Allocation.IsNone(() =>
        {
            machine.RunUntil(machine.Events.NowPs + 50 * SimTime.Millisecond);
            return machine.NetDevices[0].Delivered - before;
        });
        Assert.InRange(machine.NetDevices[0].Delivered - before, 35_000, 41_000);
    }

    [Theory]
    [InlineData("segment: 1448", "streams has no count")]
    [InlineData("count: 2, train: 46", "train")]
    [InlineData("count: 2, train: 10, window: 9", "window")]
    [InlineData("count: 2, window: 2000", "window")]
    [InlineData("count: 2}\n  - packets: {to: eth0, rate: 1kpps", "streams go to eth0, which gets packets too; give the streams a card of their own")]
    public void What_streams_cannot_be_is_said(string keys, string words)
    {
        ScenarioException refused = Assert.Throws<ScenarioException>(() => TwinRuns.Scenario(Yaml(keys)));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    private static RunReport Run(string keys, string? command = null, string costs = "server-3ghz") => TwinRuns.Run(Yaml(keys, costs), new RunOptions { Command = command });

    private static string Yaml(string keys, string costs = "server-3ghz") => $$"""
        machine: {cores: 4, costs: {{costs}}}
        devices:
          eth0: {model: ixgbe, link: 10Gb/s, queues: 4, rx-usecs: 0, rss-key: microsoft}
        workloads:
          - streams: {to: eth0, {{keys}}}
        run: 20ms
        """;
}
