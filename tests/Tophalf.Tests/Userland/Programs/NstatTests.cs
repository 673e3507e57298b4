using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Xunit;
using static Tophalf.Tests.Shared.TwinRuns;

namespace Tophalf.Tests.Userland.Programs;

/// <summary>nstat: what counters have grown since it was last asked.</summary>
public class NstatTests
{
    [Fact]
    public void It_tells_of_growth_and_with_a_of_all_there_was()
    {
        TwinMachine machine = TwinRuns.Machine("""
            machine: {cores: 1}
            devices:
              eth0: {model: igb, queues: 1}
            workloads:
              - packets: {to: eth0, rate: 100kpps, size: 64, flows: 4, arrivals: constant, stop: 2ms, app: {threads: 1} }
            """, 5 * SimTime.Millisecond);
        long received = machine.NetDevices[0].ReceivedByTasks;
        Assert.Equal($"#kernel\nUdpInDatagrams                  {received,-16}   0.0\n", Run(machine, "nstat 'Udp*'"));
        Assert.Equal("#kernel\n", Run(machine, "nstat"));
        Assert.Contains($"\nUdpInDatagrams                  {received,-16}   0.0\n", Run(machine, "nstat -as"), StringComparison.Ordinal);
        Assert.Equal("#kernel\nTcpExtBusyPollRxPackets         0                  0.0\n", Run(machine, "nstat -az tcpextbusypoll*"));
        Assert.Contains("Usage: nstat", Run(machine, "nstat -q"), StringComparison.Ordinal);
    }
}
