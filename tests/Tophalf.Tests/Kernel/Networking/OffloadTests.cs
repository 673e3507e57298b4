using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>What a card saves the receiver: check sequences, and segments handed up as one (LRO); and when Linux switches the latter off.</summary>
public class OffloadTests
{
    private const int Bytes = 1518, Datagrams = 500;

    private static TwinMachine Run(string workload, string tuning)
    {
        TwinMachine machine = TwinRuns.Machine($$"""
            machine: {cores: 1}
            devices:
              eth0: {model: ixgbe, link: 10Gb/s, queues: 1, rx-usecs: 0}
            workloads:
              - {{workload}}
            tuning: {{tuning}}
            run: 10ms
            """, 10 * SimTime.Millisecond);
        Audit.Check(machine);
        return machine;
    }

    private static TwinMachine Echo(string tuning) => Run($"packets: {{to: eth0, rate: {Datagrams * 100}/s, size: {Bytes}, arrivals: constant, app: {{threads: 1, work: 0ns, reply: {Bytes}}}}}", tuning);
    private static TwinMachine Streams(string tuning) => Run("streams: {to: eth0, count: 10, segment: 1448, train: 45, window: 90, delay: 100us}", tuning);

    private static long Spent(TwinMachine machine, CpuClass cls) => machine.Kernel.Cpus[0].Time[cls];

    [Theory]
    [InlineData("rx")]
    [InlineData("tx")]
    public void Without_the_card_a_task_works_out_the_check_sequence_byte_by_byte_where_it_copies(string direction)
    {
        TwinMachine card = Echo("true"), kernel = Echo($"ethtool -K eth0 {direction} off");
        double perDatagram = (Spent(kernel, CpuClass.System) - Spent(card, CpuClass.System)) / (double)Datagrams;
        double expected = Bytes * card.Kernel.Costs.ChecksumPsPerByte;
        Assert.InRange(perDatagram, 0.97 * expected, 1.03 * expected);
    }

    [Fact]
    public void Of_segments_the_poll_does_it_since_GRO_merges_only_what_is_whole() =>
        Assert.True(Spent(Streams("ethtool -K eth0 rx off"), CpuClass.Softirq) > Spent(Streams("true"), CpuClass.Softirq) + 1000 * 1000 * (long)Streams("true").Kernel.Costs.ChecksumPsPerByte);

    [Fact]
    public void A_card_that_merges_saves_the_driver_a_packet_for_each_segment()
    {
        TwinMachine none = Streams("ethtool -K eth0 gro off"), gro = Streams("true"), card = Streams("ethtool -K eth0 lro on"), cardAlone = Streams("ethtool -K eth0 gro off lro on");
        double Each(TwinMachine machine) => Spent(machine, CpuClass.Softirq) / (double)machine.NetDevices[0].StreamSegments;
        Assert.True(Each(card) < Each(gro) && Each(gro) < Each(none), $"{Each(card)} {Each(gro)} {Each(none)}");
        Assert.InRange(Each(cardAlone), 0.9 * Each(card), 1.1 * Each(card));
        Assert.True(cardAlone.NetDevices[0].StreamPieces < none.NetDevices[0].StreamPieces / 2);
    }

    [Fact]
    public void A_generic_program_wants_each_packet_as_it_came()
    {
        TwinMachine machine = Streams("ethtool -K eth0 lro on; ip link set dev eth0 xdpgeneric obj xdp_pass.o sec xdp");
        Assert.Contains("large-receive-offload: off\n", TwinRuns.Run(machine, "ethtool -k eth0"), StringComparison.Ordinal);
        Assert.Equal(machine.NetDevices[0].StreamPieces, machine.NetDevices[0].StreamDelivered);
    }

    [Fact]
    public void Linux_knows_no_engine_for_TCP() => Assert.StartsWith("ethtool: bad command line argument(s)\n", TwinRuns.Run(Streams("true"), "ethtool -K eth0 toe on"), StringComparison.Ordinal);
}
