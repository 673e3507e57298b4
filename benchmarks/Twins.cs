using Tophalf.Simulation;
using Tophalf.Twin;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Bench;

/// <summary>Eight queues on eight cores take 10 million 64-byte packets a second through the stack.</summary>
internal static class PacketFlood
{
    private const string Scenario = """
        machine: {cores: 8, costs: server-3ghz}
        devices:
          eth0: {model: ixgbe, link: 10Gb/s, queues: 8, ring: 512, rss-key: microsoft}
        workloads:
          - packets: {to: eth0, rate: 10Mpps, size: 64, flows: 256, arrivals: poisson, app: none}
        """;

    public static Sample Run() => Run(exact: false, 200 * SimTime.Millisecond);
    public static Sample RunExact() => Run(exact: true, 20 * SimTime.Millisecond);

    private static Sample Run(bool exact, long forPs)
    {
        TwinMachine machine = MachineBuilder.Build(ScenarioFile.Parse(Scenario, "packets"), seed: 1, exact);
        machine.RunUntil(50 * SimTime.Millisecond);
        return Sample.Of(() =>
        {
            long before = machine.NetDevices[0].RxTaken;
            machine.RunUntil(machine.Events.NowPs + forPs);
            return machine.NetDevices[0].RxTaken - before;
        });
    }
}

/// <summary>One device raises 200 000 times a second on one core; the whole way each time.</summary>
internal static class InterruptFlood
{
    private const string Scenario = """
        machine: {cores: 1, costs: server-3ghz}
        devices:
          dev0: {model: line, chip: msix}
        workloads:
          - interrupts: {to: dev0, rate: 200k/s}
        """;

    public static Sample Run()
    {
        TwinMachine machine = MachineBuilder.Build(ScenarioFile.Parse(Scenario, "interrupts"), seed: 1, exact: false);
        machine.RunUntil(5 * SimTime.Millisecond);
        return Sample.Of(() =>
        {
            machine.RunUntil(machine.Events.NowPs + SimTime.Second);
            return 200_000;
        });
    }
}
