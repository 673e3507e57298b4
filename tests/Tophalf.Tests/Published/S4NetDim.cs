using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Networking.Adaptive;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// Decisions of net DIM (lib/dim/net_dim.c) on given rates, one line a decision: the profile after it, what the algorithm is doing, steps to the right and the left
/// since it last turned, and how tired it is.
/// </summary>
public class S4NetDim
{
    [Fact]
    public void Bulk_traffic_walks_to_the_longest_delay_and_parks_there()
    {
        int[] eventsPerMs = [500, 100, 15, 8, 4];
        Assert.Equal("""
            0 GoingLeft 0/1 1
            1 GoingRight 1/1 2
            2 GoingRight 2/1 3
            3 GoingRight 3/1 4
            4 GoingRight 4/1 5
            4 ParkingOnTop 0/0 0
            4 ParkingOnTop 0/0 0
            """, Trace(7, profile => new DimStats(1_250_000, 812, eventsPerMs[profile])));
    }

    [Fact]
    public void A_single_request_in_flight_walks_to_the_shortest_delay()
    {
        int[] packetsPerMs = [48, 36, 12, 7, 4];
        Assert.Equal("""
            0 GoingLeft 0/1 1
            0 ParkingOnTop 0/0 0
            0 ParkingOnTop 0/0 0
            """, Trace(3, profile => new DimStats(64 * packetsPerMs[profile], packetsPerMs[profile], packetsPerMs[profile])));
    }

    /// <summary>Every kind of move: leaving a park, an edge, turns on worse and on same, and growing tired.</summary>
    [Fact]
    public void Rates_that_change_make_it_turn_and_park()
    {
        DimStats[] rates =
        [
            new(1000, 10, 60), new(1500, 15, 60), new(1200, 12, 60), new(1600, 16, 60), new(1600, 16, 60), new(1650, 16, 60), new(800, 8, 60), new(1600, 16, 40),
        ];
        var next = new Queue<DimStats>(rates);
        Assert.Equal("""
            0 GoingLeft 0/1 1
            0 ParkingOnTop 0/0 0
            1 GoingRight 1/0 1
            2 GoingRight 2/0 2
            1 GoingLeft 2/1 3
            2 GoingRight 1/1 4
            1 GoingLeft 1/1 5
            0 GoingLeft 1/2 6
            """, Trace(rates.Length, _ => next.Dequeue()));
    }

    [Fact]
    public void Ten_steps_tire_it_and_it_rests_ten_decisions()
    {
        var dim = new NetDim(profile: 1);
        // Whatever it does makes things worse, so it turns every time.
        for (int decision = 0; decision < 11; decision++) dim.Decide(new DimStats(1 << (20 - decision), 1, 1));
        Assert.Equal((DimTune.ParkingTired, 10), (dim.Tune, dim.Tired));
        int rested = 0;
        for (; dim.Tune == DimTune.ParkingTired; rested++) dim.Decide(new DimStats(1, 1, 1));
        Assert.Equal(10, rested);
    }

    [Fact]
    public void A_decision_needs_sixty_four_events_and_rates_are_rounded_up()
    {
        var dim = new NetDim(profile: 1);
        Assert.False(dim.Update(new DimSample(0, 0, 0, 65_500)));
        Assert.False(dim.Update(new DimSample(SimTime.Millisecond, 100, 6400, 27)));
        Assert.Equal(0, dim.Decisions);
        Assert.True(dim.Update(new DimSample(SimTime.Millisecond, 100, 6400, 28))); // 16 bits of events have wrapped
        Assert.False(dim.Update(new DimSample(2 * SimTime.Millisecond, 200, 12_800, 200)));
        Assert.Equal(1, dim.Decisions);

        Assert.True(NetDim.TryRate(new DimSample(0, 0, 0, 0), new DimSample(3 * SimTime.Millisecond, 1000, 64_000, 64), out DimStats rates));
        Assert.Equal(new DimStats(21_334, 334, 22), rates);
        Assert.False(NetDim.TryRate(default, new DimSample(999_999, 1, 64, 1), out _));
    }

    [Fact]
    public void In_a_card_bulk_ends_at_the_longest_delay_within_twelve_decisions()
    {
        TwinMachine machine = TwinRuns.Machine("""
            machine: {cores: 1}
            devices:
              eth0: {model: mlx5, link: 10Gb/s, queues: 1}
            workloads:
              - packets: {to: eth0, rate: line, size: 1518, flows: 1, arrivals: constant, app: none}
            tuning: ethtool -C eth0 cqe-mode-rx off
            """, 100 * SimTime.Millisecond);
        NetDim dim = machine.NetDevices[0].Napis[0].RxDim!;
        Assert.InRange(dim.Decisions, 5, long.MaxValue);
        Assert.Equal((NetDim.Profiles - 1, DimTune.ParkingOnTop), (dim.Profile, dim.Tune));
    }

    private static string Trace(int decisions, Func<int, DimStats> rates)
    {
        var dim = new NetDim(NetDim.DefaultProfile);
        var lines = new List<string>();
        for (int i = 0; i < decisions; i++)
        {
            dim.Decide(rates(dim.Profile));
            lines.Add($"{dim.Profile} {dim.Tune} {dim.StepsRight}/{dim.StepsLeft} {dim.Tired}");
        }
        return string.Join('\n', lines);
    }
}
