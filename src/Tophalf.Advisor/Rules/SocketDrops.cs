using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>Packets made it through the stack and found the socket full: the receiving tasks are slower than the traffic.</summary>
internal sealed class SocketDrops() : Rule(new RuleCard(
    "socket-drops",
    "Datagrams came all the way through the stack and found the socket's buffer full. The receiving tasks are slower than the traffic, or get no CPU because interrupts have it.",
    "Any RcvbufErrors between two moments.",
    "net/ipv4/udp.c __udp_enqueue_schedule_skb; /proc/net/snmp",
    Part.Snmp, Part.Rates))
{
    public override IEnumerable<Finding> Look(Observation seen)
    {
        if (seen.SocketDrops <= 0)
            yield break;
        double userCores = seen.CpuTimes.Sum(cpu => cpu.UserPct) / 100, interruptCores = seen.CpuTimes.Sum(cpu => cpu.InterruptPct) / 100;
        yield return Found(
            Severity.Error,
            $"The tasks that receive are too slow: {seen.PerSecond(seen.SocketDrops)} datagrams found their socket full.",
            [
                new Evidence("/proc/net/snmp", $"Udp RcvbufErrors {Wording.Count(seen.SocketDrops)} more"),
                new Evidence("/proc/stat", FormattableString.Invariant($"user {userCores:0.00} cores, hardirq and softirq {interruptCores:0.00} cores of {seen.Cpus.Count}")),
            ],
            "let more threads receive, on CPUs that take no interrupts",
            "where the traffic comes in bursts, give the socket a larger buffer (SO_RCVBUF)");
    }
}
