using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Xunit;
using static Tophalf.Tests.Shared.TwinRuns;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>What drivers refuse of XDP programs in their own mode, and what they refuse while one is loaded, in their own words.</summary>
public class XdpRefusalTests
{
    private const string Load = "ip link set dev eth0 xdp obj xdp_drop.o";

    private static TwinMachine Machine(string model, int queues = 2) => TwinRuns.Machine($$"""
        machine: {cores: 4}
        devices:
          eth0: {model: {{model}}, queues: {{queues}}}
        """);

    private const string Invalid = "RTNETLINK answers: Invalid argument\n[2]\n", Unsupported = "RTNETLINK answers: Operation not supported\n[2]\n";

    [Theory]
    [InlineData("igb", 3046, "Error: igb: The RX buffer size is too small for the frame size.\n[2]\n", "XDP RX buffer size 3072 is too small for the frame size 3073")]
    [InlineData("ixgbe", 3050, Invalid, null)]
    [InlineData("i40e", 3046, "Error: i40e: MTU too large to enable XDP.\n[2]\n", null)]
    [InlineData("ice", 3046, "Error: ice: MTU is too large for linear frames and XDP prog does not support frags.\n[2]\n", null)]
    [InlineData("mlx5", 3498, Invalid, "MTU(3499) > 3498, too big for an XDP program not aware of multi buffer")]
    [InlineData("bnxt", 3502, Unsupported, "MTU 3503 larger than 3502 without XDP frag support.")]
    [InlineData("ena", 3498, "Error: ena: Failed to set xdp program, the current MTU is larger than the maximum allowed MTU. Check the dmesg for more info.\n[2]\n",
        "Failed to set xdp program, the current MTU (3499) is larger than the maximum allowed MTU (3498) while xdp is on")]
    [InlineData("virtio-net", 3506, "Error: virtio_net: MTU too large to enable XDP without frags.\n[2]\n", "single-buffer XDP requires MTU less than 3506")]
    public void A_program_needs_frames_of_one_buffer(string model, int most, string said, string? logged)
    {
        TwinMachine machine = Machine(model);
        Run(machine, $"ip link set dev eth0 mtu {most + 1}");
        Assert.Equal(said, Run(machine, Load));
        if (logged is not null) Assert.Contains($" eth0: {logged}", Run(machine, "dmesg"), StringComparison.Ordinal);
        Assert.Equal("", Run(machine, "ip link set dev eth0 xdpgeneric obj xdp_drop.o; ip link set dev eth0 xdpgeneric off"));
        Run(machine, $"ip link set dev eth0 mtu {most}");
        Assert.Equal("", Run(machine, Load));
    }

    [Theory]
    [InlineData("igb", 1622, Invalid, "Requested MTU size is not supported with XDP. Max frame size is 1649")]
    [InlineData("ixgbe", 3046, Invalid, "Requested MTU size is not supported with XDP")]
    [InlineData("i40e", 3046, Invalid, "Error changing mtu to 3047, Max is 3046")]
    [InlineData("ice", 3046, Invalid, "max MTU for XDP usage is 3046")]
    [InlineData("mlx5", 3498, Invalid, "MTU(3499) > 3498, too big for an XDP program not aware of multi buffer")]
    [InlineData("bnxt", 3502, "Error: mtu greater than device maximum.\n[2]\n", null)]
    [InlineData("ena", 3498, "Error: mtu greater than device maximum.\n[2]\n", null)]
    public void While_it_is_loaded_packets_may_not_become_longer(string model, int most, string said, string? logged)
    {
        TwinMachine machine = Machine(model);
        Assert.Equal("", Run(machine, Load));
        Assert.Equal(said, Run(machine, $"ip link set dev eth0 mtu {most + 1}"));
        if (logged is not null) Assert.Contains($" eth0: {logged}", Run(machine, "dmesg"), StringComparison.Ordinal);
        Assert.Equal("", Run(machine, $"ip link set dev eth0 mtu {most}"));
        Assert.Equal("", Run(machine, $"ip link set dev eth0 xdp off; ip link set dev eth0 mtu {most + 1}"));
    }

    [Theory]
    [InlineData("ixgbe", Invalid, null, "LRO is not supported with XDP")]
    [InlineData("mlx5", Invalid, "can't set XDP while HW-GRO/LRO is on, disable them first", "LRO is incompatible with XDP")]
    public void Lro_and_a_program_exclude_each_other(string model, string said, string? loading, string switching)
    {
        TwinMachine machine = Machine(model);
        Run(machine, "ethtool -K eth0 lro on");
        Assert.Equal(said, Run(machine, Load));
        if (loading is not null) Assert.Contains(loading, Run(machine, "dmesg"), StringComparison.Ordinal);
        Run(machine, $"ethtool -K eth0 lro off; {Load}");
        Assert.Equal("Actual changes:\nrx-lro: off [requested on]\nCould not change any device features\n[1]\n", Run(machine, "ethtool -K eth0 lro on"));
        Assert.Contains(switching, Run(machine, "dmesg"), StringComparison.Ordinal);
        Assert.Equal("large-receive-offload: on\n", Run(machine, "ip link set dev eth0 xdp off; ethtool -k eth0 | grep large"));
    }

    [Fact]
    public void Ena_wants_a_queue_for_what_a_program_sends_beside_each()
    {
        TwinMachine machine = Machine("ena", queues: 4);
        Assert.Equal("Error: ena: Failed to set xdp program, there is no enough space for allocating XDP queues, Check the dmesg for more info.\n[2]\n", Run(machine, Load));
        Assert.Contains("The current queue count (4), the maximal queue count (4)", Run(machine, "dmesg"), StringComparison.Ordinal);
        Assert.Equal("", Run(machine, $"ethtool -L eth0 combined 2; {Load}"));
        Assert.Equal("netlink error: Invalid argument\n[1]\n", Run(machine, "ethtool -L eth0 combined 3"));
    }

    [Fact]
    public void Ixgbe_runs_no_program_beside_virtual_functions()
    {
        TwinMachine machine = Machine("ixgbe");
        Run(machine, "echo 1 > /sys/class/net/eth0/device/sriov_numvfs");
        Assert.Equal(Invalid, Run(machine, Load));
        Assert.Equal("", Run(machine, $"echo 0 > /sys/class/net/eth0/device/sriov_numvfs; {Load}"));
    }
}
