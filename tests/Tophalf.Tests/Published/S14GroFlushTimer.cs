using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// The timer that lets GRO wait (E. Dumazet, Linux 3.19, commit 3b47d30396ba): 200 TCP streams at the line rate of 10 Gb/s, 811 000 packets a second, are answered by 305 732
/// acknowledgements a second, and with gro_flush_timeout 2000 ns by 19 230. Nothing is fitted.
/// </summary>
public class S14GroFlushTimer
{
    [Fact]
    public void A_timer_of_two_microseconds_makes_whole_trains_of_pairs_of_segments()
    {
        RunReport off = Run(null), on = Run("echo 2000 > /sys/class/net/eth0/gro_flush_timeout");
        Assert.All([off, on], report => Assert.InRange(report.Devices[0].RxPackets / report.SimulatedS, 811_000 * 0.95, 811_000 * 1.01));
        Assert.InRange(PacketsAnAck(off), 2, 4);
        Assert.InRange(PacketsAnAck(on), 30, 45);
        Assert.InRange(off.Devices[0].TxPackets / (double)on.Devices[0].TxPackets, 10, 22);
        Assert.True(Busy(on) < Busy(off));
    }

    private static double PacketsAnAck(RunReport report) => report.Devices[0].RxPackets / (double)report.Devices[0].TxPackets;
    private static double Busy(RunReport report) => report.Cpus.Sum(cpu => 100 - cpu.IdlePct);

    private static RunReport Run(string? command)
    {
        string path = TwinRuns.Shipped("scenarios/published/s14-gro-flush.yaml");
        return TwinRunner.Run(ScenarioFile.Load(path), new RunOptions { Command = command });
    }
}
