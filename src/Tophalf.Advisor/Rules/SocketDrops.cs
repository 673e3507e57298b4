using Tophalf.Twin.Reports;

namespace Tophalf.Advisor.Rules;

/// <summary>Packets made it through the stack and found the socket full: the receiving tasks are slower than the traffic.</summary>
internal sealed class SocketDrops : IRule
{
    public IEnumerable<Finding> Look(RunReport report) =>
        report.Devices.Where(device => device.SocketDropped > 0).Select(device => Found(report, device));

    private static Finding Found(RunReport report, DeviceReport device)
    {
        double userCores = report.Cpus.Sum(cpu => cpu.UserPct + cpu.NicePct) / 100;
        double interruptCores = report.Cpus.Sum(cpu => cpu.HardirqPct + cpu.SoftirqPct) / 100;
        return new Finding(
            "socket-drops",
            Severity.Error,
            $"The tasks that receive from {device.Name} are too slow: {report.PerSecond(device.SocketDropped):N0} packets a second found their socket full.",
            [
                $"/proc/net/snmp: Udp RcvbufErrors {device.SocketDropped:N0}, {Load.Percent(device.SocketDropped, device.Offered):0.##} % of {device.Offered:N0} packets",
                $"/proc/stat: user {userCores:0.00} cores, hardirq and softirq {interruptCores:0.00} cores of {report.Cpus.Count}",
            ],
            [
                "let more threads receive, on CPUs that take no interrupts (workloads: app: {threads: …, cpus: …})",
                "where the traffic comes in bursts, give the socket a larger buffer (SO_RCVBUF)",
            ]);
    }
}
