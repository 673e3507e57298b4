using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Xunit;

namespace Tophalf.Tests.Twin;

/// <summary>What the machine tells of its links, and a run of those without hardware.</summary>
public class NetLinkTests
{
    [Theory]
    [InlineData("ixgbe, link: 10Gb/s", "10000", "full", "Settings for eth0:\n\tSpeed: 10000Mb/s\n\tDuplex: Full\n\tLink detected: yes\n")]
    [InlineData("virtio-net", "-1", "unknown", "Settings for eth0:\n\tSpeed: Unknown!\n\tDuplex: Unknown! (255)\n\tLink detected: yes\n")]
    public void The_speed_of_a_link_is_in_ethtool_and_in_sysfs(string model, string speed, string duplex, string settings)
    {
        TwinMachine machine = TwinRuns.Machine($"devices: {{eth0: {{model: {model}}}}}");
        Assert.Equal($"up\n{speed}\n{duplex}\n1\n", machine.Run("cd /sys/class/net/eth0; cat operstate speed duplex carrier").Output);
        Assert.Equal(settings, machine.Run("ethtool eth0").Output);
    }

    [Fact]
    public void A_transmit_queue_has_its_files_and_a_single_one_nothing_to_choose()
    {
        TwinMachine several = TwinRuns.Machine("devices: {eth0: {model: ixgbe, queues: 2}}"), single = TwinRuns.Machine("devices: {eth0: {model: ixgbe, queues: 1}}");
        const string show = "cd /sys/class/net/eth0/queues/tx-0; ls; cat traffic_class tx_maxrate tx_timeout";
        Assert.Equal("traffic_class\ntx_maxrate\ntx_timeout\nxps_cpus\n0\n0\n0\n", several.Run(show).Output);
        Assert.Equal("cat: read error: No such file or directory\n", single.Run(show).Error.Replace("can't open 'traffic_class'", "read error", StringComparison.Ordinal));
        Assert.Equal("sh: write error: Operation not supported\n", several.Run("echo 100 > tx_maxrate").Error);
    }

    [Fact]
    public void The_ends_of_a_veth_pair_name_each_other_and_have_no_hardware()
    {
        TwinMachine machine = TwinRuns.Machine("devices: {v0: {model: veth}, v1: {model: veth, cable: v0}}");
        Assert.StartsWith("3: v1@v0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000\n", machine.Run("ip link show v1").Output);
        Assert.StartsWith("driver: veth\nversion: 1.0\nfirmware-version: \nexpansion-rom-version: \nbus-info: \n", machine.Run("ethtool -i v0").Output);
        Assert.Equal("netlink error: Operation not supported\n", machine.Run("ethtool -g v0").Error);
        Assert.Equal(1, machine.Run("ls /sys/class/net/v0/device").Status);
        Assert.Equal("10000\n", machine.Run("cat /sys/class/net/v0/speed").Output);
    }

    [Theory]
    [InlineData("xdp", "xdp qdisc")]
    [InlineData("xdpgeneric", "xdpgeneric qdisc")]
    public void A_link_with_a_program_says_so(string mode, string shown)
    {
        TwinMachine machine = TwinRuns.Machine("devices: {eth0: {model: ixgbe}}");
        machine.Run($"ip link set dev eth0 {mode} obj xdp_drop.o sec xdp");
        string link = machine.Run("ip link show eth0").Output;
        Assert.Contains(shown, link);
        Assert.EndsWith("    prog/xdp id 1 \n", link);
        machine.Run($"ip link set dev eth0 {mode} off");
        Assert.DoesNotContain("xdp", machine.Run("ip link show eth0").Output);
    }

    [Fact]
    public void A_veth_pair_is_in_the_report_though_it_never_interrupts()
    {
        RunReport report = TwinRuns.Run("""
            machine: {cores: 2}
            devices:
              v0: {model: veth}
              v1: {model: veth, cable: v0}
            workloads:
              - sends: {from: v0, cpus: "0", count: 500, size: 100, app: {threads: 1, cpus: "1"}}
            run: 10ms
            """);
        Assert.All(report.Devices, device => Assert.True(device.IsActive));
        DeviceReport receiver = report.Devices.Single(device => device.Name == "v1");
        Assert.Equal((500, 500, 0), (receiver.Offered, receiver.Delivered, receiver.Interrupts));
    }
}
