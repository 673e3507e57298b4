using Tophalf.Kernel.Networking;
using Tophalf.Linux;
using Tophalf.Userland.Shell;
using Xunit;

namespace Tophalf.Tests.Userland.Ethtool;

/// <summary>Expected texts are what ethtool 6.1 printed on a virtio_net guest of Linux 6.18, except where a test names another source.</summary>
public sealed class EthtoolTests
{
    private static TestHost Host(params FakeNic[] nics)
    {
        var host = new TestHost();
        host.Devices.AddRange(nics.Length > 0 ? nics : [FakeNic.Virtio()]);
        return host;
    }

    [Fact]
    public void Coalescing_is_shown_with_na_for_what_the_driver_does_not_know() => Assert.Equal(
        """
        Coalesce parameters for eth0:
        Adaptive RX: off  TX: n/a
        stats-block-usecs: n/a
        sample-interval: n/a
        pkt-rate-low: n/a
        pkt-rate-high: n/a

        rx-usecs: 0
        rx-frames: 1
        rx-usecs-irq: n/a
        rx-frames-irq: n/a

        tx-usecs: 0
        tx-frames: 1
        tx-usecs-irq: n/a
        tx-frames-irq: n/a

        rx-usecs-low: n/a
        rx-frame-low: n/a
        tx-usecs-low: n/a
        tx-frame-low: n/a

        rx-usecs-high: n/a
        rx-frame-high: n/a
        tx-usecs-high: n/a
        tx-frame-high: n/a

        CQE mode RX: n/a  TX: n/a


        """, Host().Show("ethtool -c eth0"));

    [Fact]
    public void Channels_rings_driver_and_hash_are_shown_tab_for_tab()
    {
        const string channels = "Channel parameters for eth0:\nPre-set maximums:\nRX:\t\tn/a\nTX:\t\tn/a\nOther:\t\tn/a\nCombined:\t1\n"
            + "Current hardware settings:\nRX:\t\tn/a\nTX:\t\tn/a\nOther:\t\tn/a\nCombined:\t1\n";
        const string rings = "Ring parameters for eth0:\nPre-set maximums:\nRX:\t\t256\nRX Mini:\tn/a\nRX Jumbo:\tn/a\nTX:\t\t256\n"
            + "Current hardware settings:\nRX:\t\t256\nRX Mini:\tn/a\nRX Jumbo:\tn/a\nTX:\t\t256\n"
            + "RX Buf Len:\t\tn/a\nCQE Size:\t\tn/a\nTX Push:\toff\nTCP data split:\tn/a\n";
        const string driver = "driver: virtio_net\nversion: 1.0.0\nfirmware-version: \nexpansion-rom-version: \nbus-info: 0000:00:03.0\n"
            + "supports-statistics: no\nsupports-test: no\nsupports-eeprom-access: no\nsupports-register-dump: no\nsupports-priv-flags: no\n";
        const string hash = "RX flow hash indirection table for eth0 with 1 RX ring(s):\nOperation not supported\nRSS hash key:\nOperation not supported\n"
            + "RSS hash function:\n    toeplitz: on\n    xor: off\n    crc32: off\n";
        Assert.Equal(channels, Host().Show("ethtool -l eth0"));
        Assert.Equal(rings, Host().Show("ethtool --show-ring eth0"));
        Assert.Equal(driver, Host().Show("ethtool -i eth0"));
        Assert.Equal(hash, Host().Show("ethtool -x eth0"));
    }

    [Fact]
    public void Statistics_are_indented_by_five()
    {
        var nic = FakeNic.Virtio();
        nic.Statistics.AddRange([("rx_drops", 0), ("rx_kicks", 18446744073709551615)]);
        Assert.Equal("NIC statistics:\n     rx_drops: 0\n     rx_kicks: 18446744073709551615\n", Host(nic).Show("ethtool -S eth0"));
        Assert.Equal("no stats available\n[94]\n", Host().Show("ethtool -S eth0"));
    }

    [Fact]
    public void Indirection_table_has_eight_entries_a_line_and_the_key_colons()
    {
        var nic = FakeNic.MultiQueue();
        Assert.Equal(
            """
            RX flow hash indirection table for enp3s0f0 with 8 RX ring(s):
                0:      0     1     2     3     4     5     6     7
                8:      0     1     2     3     4     5     6     7
            RSS hash key:
            00:07:0e:15:1c:23:2a:31:38:3f:46:4d:54:5b:62:69:70:77:7e:85:8c:93:9a:a1:a8:af:b6:bd:c4:cb:d2:d9:e0:e7:ee:f5:fc:03:0a:11
            RSS hash function:
                toeplitz: on
                xor: off
                crc32: off

            """, Host(nic).Show("ethtool -x enp3s0f0"));
    }

    [Fact]
    public void All_parameters_of_a_line_go_to_the_driver_as_one_change()
    {
        var nic = FakeNic.MultiQueue();
        Assert.Equal("", Host(nic).Show("ethtool -C enp3s0f0 adaptive-rx off rx-usecs 0x32 tx-usecs 100 rx-frames-irq 08"));
        Assert.Equal([new CoalesceSettings { AdaptiveRx = false, RxUsecs = 50, TxUsecs = 100, RxFramesIrq = 8 }], nic.CoalesceChanges);
        Assert.Equal("", Host(nic).Show("ethtool -L enp3s0f0 combined 4; ethtool -G enp3s0f0 rx 1024 tx 2048"));
        Assert.Equal([(null, null, null, 4)], nic.ChannelChanges);
        Assert.Equal([(1024, 2048)], nic.RingChanges);
    }

    [Fact]
    public void Command_line_that_is_wrong_anywhere_changes_nothing()
    {
        var nic = FakeNic.Virtio();
        Assert.Equal(
            """
            ethtool (-C): unknown parameter 'foo'
            ethtool (-C): invalid value 'abc' for parameter 'rx-usecs'
            ethtool (-C): invalid value '-1' for parameter 'rx-usecs'
            ethtool (-C): invalid value '4294967296' for parameter 'rx-usecs'
            ethtool (-C): invalid value '' for parameter 'rx-usecs'
            ethtool (-C): invalid value 'foo' for parameter 'adaptive-rx'
            ethtool (-C): no value for parameter 'rx-usecs'
            ethtool (-C): duplicate parameter 'rx-usecs'
            ethtool (-L): unknown parameter 'foo'
            ethtool (-G): no value for parameter 'rx'
            ethtool (-C): unknown parameter 'foo'
            ethtool: unexpected parameter 'extra'
            [1]

            """, Host(nic).Show("""
            ethtool -C eth0 rx-usecs 5 foo 3
            ethtool -C eth0 rx-usecs abc
            ethtool -C eth0 rx-usecs -1
            ethtool --coalesce eth0 rx-usecs 4294967296
            ethtool -C eth0 rx-usecs ''
            ethtool -C eth0 adaptive-rx foo
            ethtool -C eth0 rx-usecs
            ethtool -C eth0 rx-usecs 5 rx-usecs 6
            ethtool --set-channels eth0 foo
            ethtool -G eth0 rx
            ethtool -C nosuch foo 3
            ethtool -c eth0 extra
            """));
        Assert.Empty(nic.CoalesceChanges);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("-c", 1)]
    [InlineData("-Q eth0", 1)]
    [InlineData("--foo eth0", 1)]
    [InlineData("-i eth0 extra", 1)]
    [InlineData("-x eth0 extra", 1)]
    [InlineData("-X eth0", 1)]
    [InlineData("-X eth0 equal 0", 1)]
    [InlineData("-X eth0 equal 2x", 1)]
    [InlineData("-X eth0 weight 1 foo", 1)]
    [InlineData("-X eth0 hkey", 1)]
    public void Command_line_not_understood_points_to_the_help(string arguments, int status) => Assert.Equal(
        $"ethtool: bad command line argument(s)\nFor more information run ethtool -h\n[{status}]\n", Host().Show("ethtool " + arguments));

    [Theory]
    [InlineData("-c", "netlink error: no device matches name (offset 24)\nnetlink error: No such device\n[1]\n")]
    [InlineData("-C", "netlink error: no device matches name (offset 24)\nnetlink error: No such device\n[1]\n")]
    [InlineData("-L", "netlink error: no device matches name (offset 24)\nnetlink error: No such device\n[1]\n")]
    [InlineData("-a", "netlink error: no device matches name (offset 24)\nnetlink error: No such device\n[1]\n")]
    [InlineData("-x", "Cannot get RX ring count: No such device\n[1]\n")]
    [InlineData("-S", "Cannot get stats strings information: No such device\n[96]\n")]
    [InlineData("-i", "Cannot get driver information: No such device\n[71]\n")]
    public void Unknown_device_has_a_text_for_every_option(string option, string expected) =>
        Assert.Equal(expected, Host().Show($"ethtool {option} nosuch"));

    [Theory]
    [InlineData("-c lo", "netlink error: Operation not supported\n[1]\n")]
    [InlineData("-C lo", "netlink error: Operation not supported\n[1]\n")]
    [InlineData("-l lo", "netlink error: Operation not supported\n[1]\n")]
    [InlineData("-g lo", "netlink error: Operation not supported\n[1]\n")]
    [InlineData("-G lo rx 2", "netlink error: Operation not supported\n[81]\n")]
    [InlineData("-x lo", "Cannot get RX ring count: Operation not supported\n[1]\n")]
    [InlineData("-X lo equal 2", "Cannot get RX ring count: Operation not supported\n[1]\n")]
    [InlineData("-S lo", "no stats available\n[94]\n")]
    [InlineData("-i lo", "Cannot get driver information: Operation not supported\n[71]\n")]
    public void Device_without_operations_says_so(string arguments, string expected) =>
        Assert.Equal(expected, Host().Show("ethtool " + arguments));

    private const string Unsupported = "cannot modify an unsupported parameter";
    private const string AboveMaximum = "requested channel count exceeds maximum";
    private const string NoneLeft = "requested channel counts would result in no RX or TX channel being configured";
    private const string RingAboveMaximum = "requested ring size exceeds maximum";

    /// <summary>The offset grows with the parameters before the bad one, and with the device's name.</summary>
    [Theory]
    [InlineData("-C eth0 sample-interval 5", Unsupported, 36, 1)]
    [InlineData("-C eth0 rx-usecs 5 sample-interval 5 rx-usecs-irq 3", Unsupported, 52, 1)]
    [InlineData("-C eth0 rx-usecs-irq 5 sample-interval 5", Unsupported, 36, 1)]
    [InlineData("-C eth0 cqe-mode-rx on", Unsupported, 36, 1)]
    [InlineData("-C enp3s0f0 rx-frames 5", Unsupported, 40, 1)]
    [InlineData("-L eth0 combined 99", AboveMaximum, 36, 1)]
    [InlineData("-L eth0 combined 1 rx 3 tx 1", AboveMaximum, 44, 1)]
    [InlineData("-L eth0 tx 1 rx 1", AboveMaximum, 44, 1)]
    [InlineData("-L eth0 combined 0 other 5", AboveMaximum, 44, 1)]
    [InlineData("-L eth0 combined 4294967295", AboveMaximum, 36, 1)]
    [InlineData("-L eth0 combined 0", NoneLeft, 36, 1)]
    [InlineData("-G eth0 rx 512", RingAboveMaximum, 36, 81)]
    [InlineData("-G eth0 tx 999 rx 999", RingAboveMaximum, 44, 81)]
    [InlineData("-G eth0 rx-mini 4", RingAboveMaximum, 36, 81)]
    public void Refusal_carries_the_offset_of_the_parameter_the_kernel_blames(string arguments, string message, int offset, int status)
    {
        var host = Host(FakeNic.Virtio(), FakeNic.MultiQueue());
        foreach (var nic in host.Devices.Cast<FakeNic>())
            nic.Answer = new EthtoolResult(Errno.EINVAL, message);
        Assert.Equal($"netlink error: {message} (offset {offset})\nnetlink error: Invalid argument\n[{status}]\n", host.Show("ethtool " + arguments));
    }

    [Fact]
    public void Refusal_of_the_driver_itself_has_no_offset()
    {
        var nic = FakeNic.Virtio();
        nic.Answer = new EthtoolResult(Errno.EINVAL);
        Assert.Equal("netlink error: Invalid argument\n[1]\n", Host(nic).Show("ethtool -C eth0 rx-frames 3"));
        Assert.Equal("netlink error: setting tx push not supported (offset 44)\nnetlink error: Operation not supported\n[81]\n",
            Host(nic).Show("ethtool -G eth0 rx 256 tx-push on"));
    }

    [Fact]
    public void Line_without_parameters_changes_nothing_and_succeeds()
    {
        var nic = FakeNic.Virtio();
        Assert.Equal("", Host(nic).Show("ethtool -C eth0; ethtool -L eth0; ethtool -G eth0"));
        Assert.Empty(nic.CoalesceChanges);
        Assert.Empty(nic.ChannelChanges);
    }

    [Theory]
    [InlineData("equal 3", "0 1 2 0 1 2 0 1 2 0 1 2 0 1 2 0")]
    [InlineData("equal 2 start 4", "4 5 4 5 4 5 4 5 4 5 4 5 4 5 4 5")]
    [InlineData("weight 6 2", "0 0 0 0 0 0 0 0 0 0 0 0 1 1 1 1")]
    [InlineData("weight 1 0 1", "0 0 0 0 0 0 0 0 2 2 2 2 2 2 2 2")]
    [InlineData("default", "0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7")]
    public void Table_is_spread_as_asked(string request, string expected)
    {
        var nic = FakeNic.MultiQueue("eth1");
        nic.Rss = nic.Rss! with { Table = new int[16] };
        Assert.Equal("", Host(nic).Show("ethtool -X eth1 " + request));
        Assert.Equal(expected, string.Join(' ', nic.Rss.Table));
    }

    [Fact]
    public void Key_is_replaced_whole_or_not_at_all()
    {
        var nic = FakeNic.MultiQueue("eth1");
        string key = string.Join(':', Enumerable.Repeat("6d", 40));
        Assert.Equal("", Host(nic).Show($"ethtool -X eth1 hkey {key}"));
        Assert.Equal(Enumerable.Repeat((byte)0x6d, 40), nic.Rss!.Key);
        Assert.Equal(
            $"""
            Key is too short for device (2 < 40)
            Key is too long for device (41 > 40)
            Invalid RSS hash key format
            Unknown hash function: foo
            Cannot set RX flow hash configuration: Operation not supported
            [1]

            """, Host(nic).Show($"""
            ethtool -X eth1 hkey aa:bb
            ethtool -X eth1 hkey {key}:00
            ethtool -X eth1 hkey zz
            ethtool -X eth1 hfunc foo
            ethtool -X eth1 hfunc xor
            """));
    }

    [Fact]
    public void Requests_for_the_table_that_cannot_be_met_are_explained() => Assert.Equal(
        """
        Cannot set RX flow hash configuration: Operation not supported
        Cannot set RX flow hash configuration: Operation not supported
        Total weight exceeds the size of the indirection table
        At least one weight must be non-zero
        Start must be used with equal or weight options
        Equal and weight options are mutually exclusive
        Equal and default options are mutually exclusive
        Weight and default options are mutually exclusive
        Start and default options are mutually exclusive
        Cannot set RX flow hash configuration:
         Hash key setting not supported
        [1]

        """, Host().Show("""
        ethtool -X eth0 equal 2
        ethtool -X eth0 default
        ethtool -X eth0 weight 1 2
        ethtool -X eth0 weight 0 0
        ethtool -X eth0 start 1
        ethtool -X eth0 equal 2 weight 1
        ethtool -X eth0 equal 2 default
        ethtool -X eth0 weight 1 default
        ethtool -X eth0 start 1 default
        ethtool -X eth0 hkey aa:bb
        """));

    [Fact]
    public void Tuning_script_stops_at_the_refused_setting()
    {
        var nic = FakeNic.Virtio();
        nic.Answer = new EthtoolResult(Errno.EINVAL, AboveMaximum);
        var session = new ShellSession(Host(nic));
        session.Run("ethtool -c eth0 > /tmp/before\nethtool -L eth0 combined 16\nethtool -C eth0 rx-usecs 50\n", stopOnError: true);
        Assert.Equal(
            new CommandFailure(2, "ethtool -L eth0 combined 16", 1,
                "netlink error: requested channel count exceeds maximum (offset 36)\nnetlink error: Invalid argument"),
            session.FirstFailure);
        Assert.Empty(nic.CoalesceChanges);
    }
}
