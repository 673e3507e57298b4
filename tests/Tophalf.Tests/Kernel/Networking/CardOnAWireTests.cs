using Tophalf.Kernel.Networking;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>An e1000, which holds a level line until its driver has read why (Intel Gigabit Ethernet Controllers SDM, section 13.4.17; e1000_main.c).</summary>
public class CardOnAWireTests
{
    private const string Shared = """
        machine: {cores: 2}
        devices:
          eth0: {model: e1000, irq: 10, rx-usecs: 0}
          sound: {model: line, irq: 10, trigger: level}
        workloads:
          - packets: {to: eth0, rate: 20kpps, size: 64, flows: 4, arrivals: poisson, app: {threads: 1}}
          - interrupts: {to: sound, rate: 1k/s}

        """;

    private static TwinMachine Run(string scenario)
    {
        TwinMachine machine = TwinRuns.Machine(scenario, 100 * SimTime.Millisecond);
        Audit.Check(machine);
        return machine;
    }

    [Fact]
    public void Each_sharer_of_the_line_is_asked_and_only_the_caller_answers()
    {
        TwinMachine machine = Run(Shared);
        NetDevice card = machine.NetDevices[0];
        string row = machine.Read("/proc/interrupts").Split('\n').Single(line => line.TrimStart().StartsWith("10:", StringComparison.Ordinal));
        Assert.Matches(@"IO-APIC +10-fasteoi +eth0, sound$", row);
        // The reading of the cause register let the wire go, so no interrupt came twice and none was left unanswered.
        long calls = card.Raised + machine.LineDevices["sound"][0].Device.Raised;
        Assert.InRange(row.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..3].Sum(long.Parse), calls * 0.95, calls);
        Assert.Contains("unhandled 0", machine.Read("/proc/irq/10/spurious"));
        Assert.InRange(card.RxTaken, 1900, 2100);
    }

    [Fact]
    public void Its_throttle_spaces_interrupts_as_that_of_a_card_with_messages()
    {
        TwinMachine machine = Run(Shared.Replace("rx-usecs: 0", "rx-usecs: 1000"));
        Assert.InRange(machine.NetDevices[0].Raised, 95, 101);
    }

    [Fact]
    public void New_rings_and_a_new_throttle_leave_the_line_to_its_users()
    {
        TwinMachine machine = Run(Shared);
        Assert.Equal("", machine.Run("ethtool -G eth0 rx 512").Error);
        Assert.Equal(["eth0", "sound"], machine.Kernel.Irqs.Find(10)!.Actions.Select(action => action.Name));
        Assert.Equal("", machine.Run("ethtool -C eth0 rx-usecs 100").Error);
        long before = machine.NetDevices[0].RxTaken;
        machine.RunUntil(machine.Events.NowPs + 50 * SimTime.Millisecond);
        Audit.Check(machine);
        Assert.InRange(machine.NetDevices[0].RxTaken - before, 900, 1100);
    }
}
