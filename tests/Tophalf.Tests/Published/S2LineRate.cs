using Tophalf.Hardware.Devices;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin.Workloads;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// Ethernet at line rate: a frame occupies its length with check sequence and 20 bytes more (IEEE 802.3, §3.1.1 and §4.2.3.2.2).
/// The gaps of 67.2 and 1230.4 ns at 10 Gb/s are those of J. Corbet, "Improving Linux networking performance", LWN, 2015.
/// </summary>
public class S2LineRate
{
    public static TheoryData<int, int, long> Cells => new()
    {
        { 1, 64, 1_488_095 }, { 1, 1518, 81_274 },
        { 10, 64, 14_880_952 }, { 10, 1518, 812_744 },
        { 25, 64, 37_202_381 }, { 25, 1518, 2_031_860 },
        { 40, 64, 59_523_810 }, { 40, 1518, 3_250_975 },
        { 100, 64, 148_809_524 }, { 100, 1518, 8_127_438 },
    };

    /// <summary>The generator and the wire, for a whole second of every cell from the first bit on.</summary>
    [Theory]
    [MemberData(nameof(Cells))]
    public void A_second_on_the_wire_carries_the_published_number_of_frames(int gigabits, int bytes, long published)
    {
        var link = new EthernetLink(gigabits * 1_000_000_000L);
        long wirePs = link.WirePs(bytes);
        SyntheticPackets source = LineRate(wirePs, bytes);
        long frames = -1;
        var next = new Packet[1];
        for (long endPs = 0; endPs <= SimTime.Second + wirePs; frames++)
        {
            source.Read(next);
            endPs = link.Pass(next[0].AtPs, next[0].Bytes);
        }
        Assert.InRange(frames, published - 1, published + 1);
    }

    /// <summary>A generator's first frame begins one gap after it starts.</summary>
    private static SyntheticPackets LineRate(long wirePs, int bytes) =>
        new(new ConstantArrivals(SimTime.Second / (double)wirePs), 1, "packets", bytes, 0, 1, 0, SimTime.Never / 2);

    /// <summary>Generator, wire, RSS, rings and interrupts: a whole second where that is at most two million frames, a share of it above.</summary>
    [Theory]
    [MemberData(nameof(Cells))]
    public void The_controller_of_a_twin_is_offered_the_published_rate(int gigabits, int bytes, long published)
    {
        long shares = (published + 2_100_000) / 2_100_000;
        long firstGapPs = new EthernetLink(gigabits * 1_000_000_000L).WirePs(bytes);
        var report = TwinRuns.Run($$"""
            machine: {cores: 8}
            devices:
              eth0: {model: mlx5, link: {{gigabits}}Gb/s, queues: 8, rss-key: microsoft}
            workloads:
              - packets: {to: eth0, rate: line, size: {{bytes}}, app: none}
            run: {{SimTime.Second / shares + firstGapPs}}ps
            """);
        double expected = published / (double)shares;
        Assert.InRange(report.Devices[0].Offered, expected - 1, expected + 1);
    }
}
