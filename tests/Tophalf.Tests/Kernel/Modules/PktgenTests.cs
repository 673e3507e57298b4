using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;

namespace Tophalf.Tests.Kernel.Modules;

/// <summary>The packet generator where a real one cannot show it: full rings, other tasks, unloading.</summary>
public class PktgenTests
{
    private static string Pair(string link, string generator, string more = "") => $"""
        machine: {TheMachine}
        devices:
          eth0: {OnALink(link)}
          eth1: {OnALink(link, cabled: true)}
        workloads:
          - pktgen: {OnTheFirst(generator)}
        {more}
        run: 5ms
        """;

    private const string TheMachine = "{cores: 2, costs: server-3ghz}";

    private static string OnALink(string link, bool cabled = false) => $"{{model: ixgbe, queues: 1, link: {link}, rx-usecs: 50{(cabled ? ", cable: eth0" : "")}}}";

    private static string OnTheFirst(string generator) => $"{{from: eth0, {generator}}}";

    private static TwinMachine Run(string yaml)
    {
        TwinMachine machine = TwinRuns.Machine(yaml, 20 * SimTime.Millisecond);
        Audit.Check(machine);
        return machine;
    }

    private static NetDevice Nic(TwinMachine machine, string name) => machine.NetDevices.First(device => device.Name == name);

    [Fact]
    public void Every_packet_sent_is_received_at_the_other_end_of_the_cable()
    {
        TwinMachine machine = Run(Pair("10Gb/s", "count: 5000, delay: 2us"));
        Assert.Equal((5000, 0, 5000, 5000), (Nic(machine, "eth0").TxSent, Nic(machine, "eth1").RxDropped, Nic(machine, "eth1").RxTaken, Nic(machine, "eth1").Delivered));
        Assert.Equal(0, Nic(machine, "eth1").TxSent);
    }

    [Fact]
    public void A_full_transmit_ring_holds_the_generator_back_to_the_rate_of_the_wire_and_loses_nothing()
    {
        TwinMachine machine = Run(Pair("1Gb/s", "clone: 100000"));
        string file = machine.Read("/proc/net/pktgen/eth0");
        Assert.Contains("errors: 0\n", file);
        NetDevice from = Nic(machine, "eth0");
        Assert.Equal(0, from.Controller.Vectors[0].Tx.Full);
        long onTheWirePs = from.Controller.TransmitLink.WirePs(64);
        Assert.InRange(from.TxSent * onTheWirePs, 19 * SimTime.Millisecond, 20 * SimTime.Millisecond + 512 * onTheWirePs);
    }

    [Fact]
    public void Bursts_save_the_doorbell_and_clones_the_building()
    {
        long plain = Nic(Run(Pair("100Gb/s", "clone: 0")), "eth0").TxSent;
        long cloned = Nic(Run(Pair("100Gb/s", "clone: 100000")), "eth0").TxSent;
        long inBursts = Nic(Run(Pair("100Gb/s", "clone: 100000, burst: 32")), "eth0").TxSent;
        Assert.True(plain * 1.5 < cloned && cloned * 1.5 < inBursts, $"{plain}, {cloned}, {inBursts}");
    }

    [Fact]
    public void A_generator_is_a_task_among_others_and_its_time_is_system_time()
    {
        TwinMachine machine = Run(Pair("10Gb/s", "clone: 100000", "  - task: {name: hog, cpus: \"0\", busy: 100%}"));
        CpuTime time = machine.Kernel.Cpus[0].Time;
        Assert.InRange(time[CpuClass.User] / (double)time[CpuClass.System], 0.5, 20);
        Assert.Contains(machine.Kernel.Tasks, task => task.Comm == "kpktgend_0" && task.RuntimePs > SimTime.Millisecond);
    }

    [Fact]
    public void A_generator_without_an_end_is_stopped_by_who_waits_for_it_and_goes_with_its_module()
    {
        TwinMachine machine = TwinRuns.Machine(Pair("1Gb/s", "count: 0, delay: 100ms"));
        CommandResult waits = machine.Run("echo start > /proc/net/pktgen/pgctrl");
        Assert.Equal(("sh: write error: Interrupted system call\n", 1), (waits.Error, waits.Status));
        Assert.Equal("", machine.Run("rmmod pktgen").Error);
        Assert.DoesNotContain(machine.Kernel.Tasks, task => task.Comm.StartsWith("kpktgend", StringComparison.Ordinal));
        Assert.Equal("", machine.Run("insmod /lib/modules/pktgen.ko && ls /proc/net/pktgen/kpktgend_1 > /dev/null").Error);
        machine.RunUntil(machine.Events.NowPs + SimTime.Second);
        Audit.Check(machine);
    }

    [Fact]
    public void A_card_has_one_cable_and_nobody_outside_sends_to_it()
    {
        AssertRefused("  eth1: {model: e1000e, cable: eth7}", "", "cable: 'eth7' is no other network card of this machine");
        AssertRefused("  eth1: {model: e1000e, cable: eth0}\n  eth2: {model: e1000e, cable: eth0}", "", "a card has one cable");
        AssertRefused("  eth1: {model: e1000e, cable: eth0}", "workloads:\n  - packets: {to: eth0, rate: 1kpps}", "the cable of eth0 ends in this machine");
        AssertRefused("  eth1: {model: e1000e, cable: eth0}", "workloads:\n  - pktgen: {from: eth0}\n  - pktgen: {from: eth0}", "another pktgen sends on eth0 already");
    }

    private static void AssertRefused(string devices, string workloads, string says)
    {
        var problem = Assert.ThrowsAny<Exception>(() => TwinRuns.Scenario($"machine: {{cores: 1}}\ndevices:\n  eth0: {{model: e1000e}}\n{devices}\n{workloads}\nrun: 1ms\n"));
        Assert.Contains(says, problem.Message);
    }
}
