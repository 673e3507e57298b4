using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Xunit;

namespace Tophalf.Tests.Twin;

/// <summary>/proc/net/snmp and /proc/net/netstat of a machine whose traffic is known.</summary>
public class NetCounterTests
{
    private static TwinMachine Machine(string app, string tuning = "true") => TwinRuns.Machine($$"""
        machine: {cores: 2}
        devices:
          eth0: {model: mlx5, queues: 1, rx-usecs: 0, rx-frames: 0}
        workloads:
          - packets: {to: eth0, rate: 100kpps, size: 64, flows: 4, arrivals: constant, stop: 9ms, app: {{app}}}
        tuning: {{tuning}}
        """, 10 * SimTime.Millisecond);

    [Fact]
    public void What_tasks_received_and_answered_is_what_ip_and_udp_counted()
    {
        TwinMachine machine = Machine("{threads: 1, reply: 64}");
        ProcNetSnmp snmp = ProcNetSnmp.Read(machine);
        long received = machine.NetDevices[0].RxTaken;
        Assert.Equal((received, received, received, received), (snmp["Ip", "InReceives"], snmp["Ip", "InDelivers"], snmp["Udp", "InDatagrams"], snmp["Udp", "OutDatagrams"]));
        Assert.Equal((0L, 2L), (snmp["Ip", "ForwDatagrams"], snmp["Ip", "Forwarding"]));
    }

    [Fact]
    public void A_socket_that_overflows_is_an_error_of_udp_and_a_packet_nobody_wants_is_not_udps()
    {
        TwinMachine slow = Machine("{threads: 1, work: 100us, socket: 8}");
        ProcNetSnmp snmp = ProcNetSnmp.Read(slow);
        Assert.Equal(slow.NetDevices[0].SocketDropped, snmp["Udp", "RcvbufErrors"]);
        Assert.Equal(snmp["Udp", "InErrors"], snmp["Udp", "RcvbufErrors"]);
        Assert.True(snmp["Udp", "RcvbufErrors"] > 0);
        snmp = ProcNetSnmp.Read(Machine("none"));
        Assert.Equal((0L, 0L), (snmp["Udp", "InDatagrams"], snmp["Ip", "InDelivers"]));
        Assert.True(snmp["Ip", "InReceives"] > 800);
    }

    [Fact]
    public void Packets_that_a_task_polled_for_itself_are_counted_as_such()
    {
        long Polled(string app) => ProcNetSnmp.Parse(Machine(app).Read("/proc/net/netstat"))["TcpExt", "BusyPollRxPackets"]!.Value;
        Assert.Equal(0, Polled("{threads: 1}"));
        Assert.InRange(Polled("{threads: 1, wait: recv, busy: 100us}"), 800, 900);
    }
}
