using Tophalf.Hardware.Devices;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// The signature of interrupt coalescing in trains of packets (R. Prasad, M. Jain, C. Dovrolis, "Effects of Interrupt Coalescence on Network Measurements", PAM 2004): a train
/// with gap g under a throttle T comes up in bursts of T/g without dispersion, in which the one-way delay falls by g from packet to packet.
/// </summary>
public class S17PacketTrains
{
    [Theory]
    [InlineData(10, 125)]
    [InlineData(12, 100)]
    [InlineData(5, 250)]
    public void A_throttled_train_comes_in_bursts_whose_delay_falls_by_the_gap(int gapUs, int throttleUs)
    {
        var bench = new KernelBench(costs: FreeCosts.But());
        var driver = new BareDriver(bench, ModerationKind.Throttle, new Moderation(ModerationKind.Throttle, throttleUs * SimTime.Microsecond, 0));
        var seen = new List<(long ArrivedPs, long TakenPs)>();
        driver.Taken = (packet, nowPs) => seen.Add((packet.AtPs, nowPs));
        driver.Controller.AddFlows([FlowKey.IPv4(1, 2, 17).WithPorts(1, 2)]);
        driver.Controller.Port.Connect(new Train(gapUs * SimTime.Microsecond, 10_000));
        bench.RunUntil(10_000 * gapUs * SimTime.Microsecond);

        List<List<(long ArrivedPs, long TakenPs)>> bursts = [.. seen.GroupBy(packet => packet.TakenPs).Select(burst => burst.ToList())];
        Assert.InRange(bursts.Count, 100, 10_000);
        foreach (List<(long ArrivedPs, long TakenPs)> burst in bursts.Skip(1).SkipLast(1))
        {
            Assert.InRange(burst.Count, throttleUs / (double)gapUs - 1, throttleUs / (double)gapUs + 1);
            for (int i = 1; i < burst.Count; i++)
            {
                double slope = (burst[i].TakenPs - burst[i].ArrivedPs - (burst[i - 1].TakenPs - burst[i - 1].ArrivedPs)) / (double)(gapUs * SimTime.Microsecond);
                Assert.InRange(slope, -1.01, -0.99);
            }
            Assert.InRange(burst[0].TakenPs - burst[0].ArrivedPs, (throttleUs - gapUs) * SimTime.Microsecond, (throttleUs + gapUs) * SimTime.Microsecond);
        }
    }

    private sealed class Train(long gapPs, int packets) : IPacketSource
    {
        private int _sent;

        public int Read(Span<Packet> frames)
        {
            int read = 0;
            while (read < frames.Length && _sent < packets) frames[read++] = new Packet(_sent++ * gapPs, 1518, 0);
            return read;
        }
    }
}
