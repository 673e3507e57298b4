using Tophalf.Kernel.Networking.Adaptive;
using Xunit;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>The dynamic throttles of Intel's drivers, on traffic whose answer was worked out by hand from e1000e/netdev.c, igb_main.c, ixgbe_main.c and i40e_txrx.c.</summary>
public class AdaptiveItrTests
{
    [Theory]
    [InlineData(LatencyClass.Low, 40, 15_000, LatencyClass.Lowest, LatencyClass.Lowest)]
    [InlineData(LatencyClass.Lowest, 3, 600, LatencyClass.Low, LatencyClass.Low)]
    [InlineData(LatencyClass.Lowest, 1, 9000, LatencyClass.Bulk, LatencyClass.Bulk)]
    [InlineData(LatencyClass.Low, 9, 13_000, LatencyClass.Bulk, LatencyClass.Bulk)]
    [InlineData(LatencyClass.Low, 20, 11_000, LatencyClass.Low, LatencyClass.Low)]
    [InlineData(LatencyClass.Low, 1, 64, LatencyClass.Lowest, LatencyClass.Lowest)]
    [InlineData(LatencyClass.Bulk, 40, 30_000, LatencyClass.Low, LatencyClass.Low)]
    [InlineData(LatencyClass.Bulk, 20, 30_000, LatencyClass.Bulk, LatencyClass.Bulk)]
    [InlineData(LatencyClass.Bulk, 2, 5000, LatencyClass.Low, LatencyClass.Bulk)]
    [InlineData(LatencyClass.Bulk, 0, 0, LatencyClass.Bulk, LatencyClass.Bulk)]
    public void Traffic_moves_between_the_three_classes(LatencyClass now, int packets, int bytes, LatencyClass e1000e, LatencyClass igb)
    {
        Assert.Equal(e1000e, LatencyClasses.Next(now, packets, bytes, LatencyClasses.E1000eBulkEnds));
        Assert.Equal(igb, LatencyClasses.Next(now, packets, bytes, LatencyClasses.IgbBulkEnds));
    }

    [Fact]
    public void An_e1000e_raises_its_rate_by_a_quarter_of_the_goal_and_lowers_it_at_once()
    {
        var itr = new E1000eItr(isConservative: false, isGigabit: true);
        (int Packets, int Bytes)[] traffic = [(40, 15_000), (40, 15_000), (3, 600), (64, 97_000), (40, 30_000), (2, 1000)];
        Assert.Equal([37_500, 55_000, 20_000, 4000, 9000, 14_000], traffic.Select(work => RateAfter(itr, work.Packets, work.Bytes)));
    }

    [Fact]
    public void Conservative_mode_has_no_lowest_latency()
    {
        var itr = new E1000eItr(isConservative: true, isGigabit: true);
        for (int i = 0; i < 5; i++) itr.Update(new ItrWork(1, 64, 1, 64), i);
        Assert.Equal((20_000, 195u), (itr.Rate, itr.RxRegister));
        var bold = new E1000eItr(isConservative: false, isGigabit: true);
        var rates = new List<int>();
        for (int i = 0; i < 4; i++)
        {
            bold.Update(new ItrWork(1, 64, 1, 64), i);
            rates.Add(bold.Rate);
        }
        Assert.Equal([37_500, 55_000, 70_000, 70_000], rates);
    }

    [Fact]
    public void A_link_that_is_not_a_gigabit_has_four_thousand_a_second()
    {
        var itr = new E1000eItr(isConservative: true, isGigabit: false);
        Assert.True(itr.Update(new ItrWork(1, 64, 0, 0), 0));
        Assert.Equal((4000, 976u), (itr.Rate, itr.RxRegister));
        var igb = new IgbItr(isConservative: true, isGigabit: false, isSingle: false);
        igb.Update(new ItrWork(1, 64, 0, 0), 0);
        Assert.Equal(IgbItr.FourThousand, igb.RxRegister);
    }

    [Theory]
    [InlineData(64, 44, 196)]
    [InlineData(600, 208, 208)]
    [InlineData(1518, 771, 771)]
    [InlineData(9000, 1500, 1500)]
    public void An_igb_with_several_queues_goes_by_the_size_of_packets(int size, uint bold, uint conservative)
    {
        var itr = new IgbItr(isConservative: false, isGigabit: true, isSingle: false);
        itr.Update(new ItrWork(10, size * 10, 0, 0), 0);
        Assert.Equal(bold, itr.RxRegister);
        itr = new IgbItr(isConservative: true, isGigabit: true, isSingle: false);
        itr.Update(new ItrWork(10, size * 10, 0, 0), 0);
        Assert.Equal(conservative, itr.RxRegister);
    }

    [Theory]
    [InlineData(1, 64, 12)]
    [InlineData(2, 1500, 46)]
    [InlineData(3, 180, 10)]
    [InlineData(4, 256, 22)]
    [InlineData(50, 3000, 20)]
    [InlineData(100, 6000, 10)]
    [InlineData(300, 18_000, 20)]
    [InlineData(300, 450_000, 118)]
    [InlineData(300, 576_000, 126)]
    [InlineData(300, 750_000, 126)]
    public void An_ixgbe_wants_between_48_and_95_packets_an_interrupt(int packets, int bytes, int usecs)
    {
        // Both directions carry the same, from a gap of 20 us.
        var itr = AtTwentyMicroseconds();
        itr.Update(new ItrWork(packets, bytes, packets, bytes), 1);
        Assert.Equal((usecs, usecs, (uint)usecs << 2), (itr.RxUsecs, itr.TxUsecs, itr.RxRegister));
    }

    [Fact]
    public void A_jiffy_without_a_look_starts_an_ixgbe_from_its_shortest_gap()
    {
        var itr = AtTwentyMicroseconds();
        itr.Update(new ItrWork(60, 60_000, 60, 60_000), jiffies: 9);
        Assert.Equal((10, 10), (itr.RxUsecs, itr.TxUsecs));
    }

    [Fact]
    public void An_i40e_writes_one_direction_at_a_time_and_rests_after_it()
    {
        var itr = new I40eItr(adaptsRx: true, adaptsTx: true, rxUsecs: 50, txUsecs: 50, bitsPerSecond: 10_000_000_000, jiffies: 0);
        var seen = new List<(uint, uint)>();
        for (int i = 0; i < 6; i++)
        {
            itr.Update(new ItrWork(1, 64, 0, 0), jiffies: 1);
            seen.Add((itr.RxRegister, itr.TxRegister));
        }
        // A lone small packet is latency only once transmit is: until then receive goes up by two.
        Assert.Equal([(26u, 25u), (26u, 26u), (26u, 26u), (26u, 26u), (26u, 26u), (27u, 26u)], seen);
    }

    private static int RateAfter(E1000eItr itr, int packets, int bytes)
    {
        itr.Update(new ItrWork(packets, bytes, 0, 0), 0);
        return itr.Rate;
    }

    private static IxgbeItr AtTwentyMicroseconds()
    {
        // From 50 us, 256 packets and more of 60 bytes set 20 us.
        var itr = new IxgbeItr(isTenGigabit: true, jiffies: 0);
        itr.Update(new ItrWork(300, 18_000, 300, 18_000), 0);
        return itr;
    }
}
