using System.Globalization;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Scenarios;
using Xunit;
using Xunit.Abstractions;

namespace Tophalf.Tests.Oracle.Linux;

/// <summary>
/// Interrupts against the rate of packets, of a real Linux on a clock that counts instructions and of the twin: the same shape, and a stated factor between them where QEMU's card
/// differs from Intel's. Both drivers choose the throttle by the same rule; what the card makes of it is not the same.
/// </summary>
[Collection(OracleBoots.Collection)]
public class ModerationCurveTests(OracleBoots boots, ITestOutputHelper output)
{
    private const int Packets = 500, Rounds = 3;

    /// <summary>The gap below which QEMU's e1000 does not go, for an interrupt rate of 7813 a second (hw/net/e1000.c, set_interrupt_cause), against the 20 000 that the driver asks for.</summary>
    private const double QemusLeastGap = 20_000 / 7_813.0;

    [OracleFact]
    public void A_throttled_card_interrupts_at_a_rate_of_its_own_however_fast_packets_come_and_for_each_one_that_comes_slowly()
    {
        int[] delaysUs = [400, 20, 10];
        double[] linux = Measure(boots[OracleBoard.Wired], delaysUs), twin = Measure(OneGigabit(), delaysUs);
        output.WriteLine($"interrupts a packet: Linux {Words(linux)}, twin {Words(twin)}");
        foreach (double[] curve in new[] { linux, twin })
        {
            Assert.InRange(curve[0], 0.98, 1.02);
            // Twice the packets in the same time, and no more interrupts.
            Assert.InRange(curve[1] / curve[2], 1.7, 2.4);
        }
        for (int i = 1; i < delaysUs.Length; i++) Assert.InRange(twin[i] / linux[i], 0.85 * QemusLeastGap, 1.15 * QemusLeastGap);
    }

    private static string Words(double[] curve) => string.Join(", ", curve.Select(value => value.ToString("f3", CultureInfo.InvariantCulture)));

    /// <summary>The board of the judge, with the links its cards say they have.</summary>
    private static TwinMachine OneGigabit()
    {
        Scenario scenario = ScenarioFile.Load(TwinRuns.Shipped(OracleBoard.Wired.Scenario));
        return MachineBuilder.Build(scenario with { Devices = [.. scenario.Devices.Select(device => device.LinkBitsPerSecond == 0 ? device : device with { LinkBitsPerSecond = 1_000_000_000 })] }, seed: 1, exact: false);
    }

    /// <summary>Interrupts of the e1000 for each packet that the other card sends it, the median of some rounds: a driver that thinks its link is away takes another rate for a while.</summary>
    private static double[] Measure(Tophalf.Linux.ILinuxMachine machine, int[] delaysUs)
    {
        // A driver looks at its link every two seconds, and without one the e1000 interrupts at another rate: what ran before may just have had the link negotiated anew.
        string script = $$"""
            touch /tmp/quiet
            sleep 5
            for d in eth0 eth1; do while [ "$(cat /sys/class/net/$d/carrier)" != 1 ]; do sleep 0.1; done; done
            insmod /lib/modules/pktgen.ko
            cd /proc/net/pktgen
            echo add_device eth1 > kpktgend_0
            echo dst_mac $(cat /sys/class/net/eth0/address) > eth1
            echo count {{Packets}} > eth1
            interrupts() { grep eth0 /proc/interrupts | tr -s ' ' | cut -d' ' -f3; }
            for delay in {{string.Join(' ', Enumerable.Repeat(delaysUs, Rounds).SelectMany(delays => delays))}}; do
                echo delay ${delay}000 > eth1
                before=$(interrupts)
                echo start > pgctrl
                echo $(($(interrupts) - before))
            done
            echo rem_device_all > kpktgend_0
            cd /
            rmmod pktgen
            rm /tmp/quiet
            """;
        Tophalf.Linux.CommandResult result = machine.Run(script);
        Assert.Equal("", result.Error);
        double[] all = [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => long.Parse(line, CultureInfo.InvariantCulture) / (double)Packets)];
        return [.. Enumerable.Range(0, delaysUs.Length).Select(delay => Enumerable.Range(0, Rounds).Select(round => all[round * delaysUs.Length + delay]).Order().ElementAt(Rounds / 2))];
    }
}
