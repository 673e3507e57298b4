using Tophalf.Kernel.Networking;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;
using static Tophalf.Tests.Shared.TwinRuns;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>Jumbo frames: what a card takes, what it drops, and how many descriptors a frame fills.</summary>
public class MtuTests
{
    private static TwinMachine Machine(string model, int size = 9018, string tuning = "true", string rate = "100kpps") => TwinRuns.Machine($$"""
        machine: {cores: 2}
        devices:
          eth0: {model: {{model}}, link: 10Gb/s, queues: 1}
        workloads:
          - packets: {to: eth0, rate: {{rate}}, size: {{size}}, flows: 4, arrivals: constant, app: none}
        tuning: {{tuning}}
        """, 10 * SimTime.Millisecond);

    [Theory]
    [InlineData("igb", 9216)]
    [InlineData("ixgbe", 9710)]
    [InlineData("mlx5", 9978)]
    [InlineData("lance", 1500)]
    public void A_device_takes_what_its_driver_says_and_no_more(string model, int most)
    {
        TwinMachine machine = Machine(model);
        Assert.Equal("", Run(machine, $"ip link set dev eth0 mtu {most}"));
        Assert.Equal($"{most}\n", Run(machine, "cat /sys/class/net/eth0/mtu"));
        Assert.Equal("Error: mtu greater than device maximum.\n[2]\n", Run(machine, $"ip link set dev eth0 mtu {most + 1}"));
        Assert.Equal("Error: mtu less than device minimum.\n[2]\n", Run(machine, "ip link set dev eth0 mtu 12"));
        Assert.Equal("Error: argument \"long\" is wrong: Invalid \"mtu\" value\n\n[255]\n", Run(machine, "ip link set dev eth0 mtu long"));
    }

    [Theory]
    [InlineData("igb", "rx_long_length_errors")]
    [InlineData("mlx5", "rx_oversize_pkts_phy")]
    [InlineData("i40e", "port.rx_oversize")]
    [InlineData("bnxt", "rx_ovrsz_frames")]
    public void A_frame_above_the_mtu_ends_in_the_card_under_the_drivers_name_for_it(string model, string counter)
    {
        TwinMachine machine = Machine(model);
        Assert.Equal(0, machine.NetDevices[0].RxTaken);
        Assert.Contains($"     {counter}: {machine.NetDevices[0].RxTooLong}\n", Run(machine, "ethtool -S eth0"), StringComparison.Ordinal);
        Assert.InRange(machine.NetDevices[0].RxTooLong, 990, 1000);
        Assert.Equal($"{machine.NetDevices[0].RxTooLong}\n", Run(machine, "cat /sys/class/net/eth0/statistics/rx_length_errors"));
        Run(machine, "ip link set dev eth0 mtu 9000");
        machine.RunUntil(20 * SimTime.Millisecond);
        Assert.InRange(machine.NetDevices[0].RxTaken, 960, 1000);
        Audit.Check(machine);
    }

    [Fact]
    public void The_host_of_a_virtio_device_does_not_ask_for_the_guests_mtu() =>
        Assert.InRange(Machine("virtio-net").NetDevices[0].RxTaken, 900, 1000);

    [Fact]
    public void A_frame_of_9018_bytes_fills_three_buffers_of_ixgbe_and_one_of_mlx5()
    {
        // The interrupt is far away, so the ring fills.
        const string wait = "ip link set dev eth0 mtu 9000; ethtool -G eth0 rx 64; ethtool -C eth0 rx-usecs 1000";
        Assert.Equal(64 / 3, Machine("ixgbe", tuning: wait, rate: "line").NetDevices[0].Controller.Vectors[0].Rx.MostWaiting);
        Assert.Equal(3, Machine("ixgbe", tuning: wait).NetDevices[0].Controller.Vectors[0].Rx.DescriptorsOf(9018));
        Assert.Equal(1, Machine("mlx5", tuning: wait).NetDevices[0].Controller.Vectors[0].Rx.DescriptorsOf(9018));
    }

    [Theory]
    [InlineData("ixgbe", "ip link set dev eth0 mtu 4000; ethtool -G eth0 rx 64; sleep 0.002; ip link set dev eth0 mtu 9000; sleep 0.003; ip link set dev eth0 mtu 1500")]
    [InlineData("mlx5", "sleep 0.003; ip link set dev eth0 mtu 9000; ethtool -G eth0 rx 64")]
    public void Frames_that_fill_several_buffers_are_the_same_when_each_is_an_event(string model, string tuning)
    {
        string yaml = $$"""
            machine: {cores: 2, costs: guest}
            devices:
              eth0: {model: {{model}}, link: 40Gb/s, queues: 1}
            workloads:
              - packets: {to: eth0, rate: 400kpps, size: 4000, flows: 4, app: {threads: 1, socket: 32} }
              - packets: {to: eth0, rate: 200kpps, size: 256, flows: 4, app: none}
            tuning: {{tuning}}
            run: 10ms
            """;
        Assert.Equal(TwinRuns.Text(TwinRuns.Run(yaml)), TwinRuns.Text(TwinRuns.Run(yaml, new RunOptions { Exact = true })));
    }

    [Fact]
    public void What_the_card_lost_is_the_same_in_every_file_and_command()
    {
        TwinMachine machine = Machine("igb", size: 1518, rate: "line", tuning: "ethtool -C eth0 rx-usecs 8000");
        long missed = machine.NetDevices[0].RxDropped;
        Assert.True(missed > 0);
        Assert.Equal($"{missed}\n{missed}\n0\n", Run(machine, "cd /sys/class/net/eth0/statistics; cat rx_missed_errors rx_fifo_errors rx_dropped"));
        Assert.Contains($"     rx_missed_errors: {missed}\n", Run(machine, "ethtool -S eth0"), StringComparison.Ordinal);
        string[] columns = Run(machine, "grep eth0 /proc/net/dev").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal([missed, missed], columns[4..6].Select(long.Parse));
        long bytes = machine.NetDevices[0].RxBytes, packets = machine.NetDevices[0].RxTaken;
        Assert.Equal($$"""
            2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP mode DEFAULT group default qlen 1000
                link/ether 52:54:00:12:34:56 brd ff:ff:ff:ff:ff:ff
                RX:  bytes packets errors dropped  missed   mcast{{new string(' ', 11)}}
                {{bytes,10}} {{packets,7}}      0       0 {{missed,7}}       0{{' '}}
                RX errors:  length    crc   frame    fifo overrun
                {{"",10}}       0      0       0 {{missed,7}}       0{{' '}}
                TX:  bytes packets errors dropped carrier collsns{{new string(' ', 11)}}
                         0       0      0       0       0       0{{' '}}
                TX errors: aborted   fifo  window heartbt transns
                                 0      0       0       0       1{{' '}}

            """, Run(machine, "ip -s -s link show dev eth0"));
    }
}
