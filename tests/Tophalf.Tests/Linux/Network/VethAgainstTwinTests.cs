using System.Globalization;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;
using Xunit.Abstractions;

namespace Tophalf.Tests.Linux.Network;

/// <summary>
/// Datagrams through a veth pair of the kernel this runs on, and of its twin: processor 0 sends, a task on processor 1 receives. What does not depend on time is the same on both:
/// which processor takes how many packets out of a poll, how many softirqs that needs, and whether the other one is told. What does is compared as a ratio to plain softirqs.
/// </summary>
[Collection(TracingTests.Collection)]
public class VethAgainstTwinTests(ITestOutputHelper output)
{
    private const int Datagrams = 20_000;

    /// <summary>Parts of the packets that are somebody else's on a machine with other work.</summary>
    private const double Noise = 0.1;

    private const string Steered = "echo 2 > /sys/class/net/in/queues/rx-0/rps_cpus", Merging = "ethtool -K in gro on";
    private const string Whole = "ethtool -K out tso off";

    /// <summary>Per datagram: packets through a poll and NET_RX softirqs on the sender's processor and on the receiver's; and times the latter was told of steered packets, in all.</summary>
    private sealed record Counts(double SenderPolls, double ReceiverPolls, double SenderSoftirqs, double ReceiverSoftirqs, long Told, double NsPerDatagram);

    [VethFact]
    public void A_pair_works_in_the_senders_softirq_by_steering_in_the_receivers_and_with_NAPI_where_that_is_scheduled()
    {
        (Counts host, Counts twin) plain = Both("plain", "", "", 0), steered = Both("RPS", "", Steered, 0), napi = Both("NAPI", Whole, Merging, 0),
            threaded = Both("threaded NAPI", Whole, Merging + "; echo 1 > /sys/class/net/in/threaded", 0), busy = Both("busy poll", Whole, Merging, 50);
        foreach (Counts one in new[] { plain.host, plain.twin, napi.host, napi.twin })
        {
            Near(1, one.SenderPolls);
            Near(0, one.ReceiverPolls);
            Near(1, one.SenderSoftirqs);
            Assert.Equal(0, one.Told);
        }
        foreach (Counts one in new[] { steered.host, steered.twin })
        {
            Near(0, one.SenderPolls);
            Near(1, one.ReceiverPolls);
            Assert.InRange(one.Told, 1, (long)(Datagrams * (1 + Noise)));
        }
        foreach (Counts one in new[] { threaded.host, threaded.twin })
        {
            // A sender that is faster than the thread fills the ring, and what finds no place in it is lost.
            Assert.InRange(one.SenderPolls + one.ReceiverPolls, 0.001, 1 + Noise);
            Near(0, one.SenderSoftirqs + one.ReceiverSoftirqs);
        }
        foreach (Counts one in new[] { busy.host, busy.twin })
        {
            Assert.InRange(one.SenderPolls + one.ReceiverPolls, 0.001, 1 + Noise);
            Assert.InRange(one.SenderSoftirqs + one.ReceiverSoftirqs, 0, 1 + Noise);
        }
        // Stated in docs/fidelity.md.
        foreach (((Counts host, Counts twin) mode, string name) in new[] { (steered, "RPS"), (napi, "NAPI"), (threaded, "threaded") })
        {
            double factor = mode.host.NsPerDatagram / plain.host.NsPerDatagram / (mode.twin.NsPerDatagram / plain.twin.NsPerDatagram);
            output.WriteLine($"{name}: host / twin of the time per datagram against plain softirqs {factor:f2}");
            Assert.InRange(factor, 0.125, 8);
        }
    }

    private static void Near(double wanted, double is_) => Assert.InRange(is_, wanted - Noise, wanted + Noise);

    private (Counts Host, Counts Twin) Both(string name, string atSender, string atReceiver, int busyPollUs)
    {
        Counts host = OnHost(atSender, atReceiver, busyPollUs), twin = OnTwin(atSender, atReceiver, busyPollUs);
        output.WriteLine($"{name}\n  host {host}\n  twin {twin}");
        return (host, twin);
    }

    private static Counts OnHost(string atSender, string atReceiver, int busyPollUs)
    {
        using var pair = new VethPair();
        if (atSender.Length > 0) pair.AtSender(atSender);
        if (atReceiver.Length > 0) pair.AtReceiver(atReceiver);
        pair.Send(1000, 0, 1, busyPollUs); // the socket has learnt its NAPI, the runtime its code
        var machine = new LiveMachine();
        long[] before = Read(machine);
        (TimeSpan took, _) = pair.Send(Datagrams, 0, 1, busyPollUs);
        return Difference(before, Read(machine), took.TotalNanoseconds);
    }

    private static Counts OnTwin(string atSender, string atReceiver, int busyPollUs)
    {
        string commands = string.Concat(new[] { atSender, atReceiver }.Where(line => line.Length > 0).SelectMany(line => line.Split("; ")).Select(line => $"  {line}\n"));
        string tuning = commands.Length > 0 ? "tuning: |\n" + commands : "", busy = busyPollUs > 0 ? $", busy: {busyPollUs}us" : "";
        TwinMachine machine = TwinRuns.Machine($$$"""
            machine: {cores: 2, costs: guest, kernel: {hz: 250, preempt: none}}
            devices:
              out: {model: veth}
              in: {model: veth, cable: out}
            workloads:
              - sends: {from: out, cpus: "0", count: {{{Datagrams}}}, app: {threads: 1, cpus: "1", work: 0ns, socket: 1000000{{{busy}}}}}
            {{{tuning}}}
            run: 1s
            """);
        long[] before = Read(machine);
        long sentPs = 0;
        while (machine.NetDevices[0].TxSent < Datagrams)
        {
            sentPs = machine.Events.NowPs;
            machine.RunUntil(sentPs + 100 * SimTime.Microsecond);
            Assert.True(sentPs < SimTime.Second, "the twin's sender does not come to an end");
        }
        machine.RunUntil(sentPs + 200 * SimTime.Millisecond);
        Audit.Check(machine);
        return Difference(before, Read(machine), sentPs / (double)SimTime.Nanosecond);
    }

    private static Counts Difference(long[] before, long[] after, double ns)
    {
        double Each(int at) => (after[at] - before[at]) / (double)Datagrams;
        return new Counts(Each(0), Each(1), Each(2), Each(3), after[4] - before[4], ns / Datagrams);
    }

    /// <summary>softnet_stat's first column of processors 0 and 1, NET_RX of both, and the tenth column of processor 1.</summary>
    private static long[] Read(ILinuxMachine machine)
    {
        string[][] softnet = [.. machine.Read("/proc/net/softnet_stat").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))];
        string[] netRx = machine.Read("/proc/softirqs").Split('\n').Single(line => line.Contains("NET_RX:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        long Hex(int cpu, int column) => long.Parse(softnet[cpu][column - 1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return [Hex(0, 1), Hex(1, 1), long.Parse(netRx[1], CultureInfo.InvariantCulture), long.Parse(netRx[2], CultureInfo.InvariantCulture), Hex(1, 10)];
    }
}
