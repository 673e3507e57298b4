using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Twin.Scenarios;

public sealed class ScenarioFileTests
{
    [Fact]
    public void The_flood_of_the_design_is_read_as_written()
    {
        Scenario flood = ScenarioFile.Parse(ScenarioExamples.Flood, "flood.yaml");

        Assert.Equal(8, flood.Machine.Cpus);
        Assert.Equal("server-3ghz", flood.Machine.Costs);
        Assert.Equal(new SourcePosition(1, 52), flood.Machine.CostsAt);
        Assert.Equal(2_000_000_000_000, flood.RunPs);
        DeviceSpec eth0 = Assert.Single(flood.Devices);
        Assert.Equal(("eth0", "ixgbe", DeviceKind.Nic, 3, 3), (eth0.Name, eth0.Model, eth0.Kind, eth0.Line, eth0.Column));
        Assert.Equal((10_000_000_000, 8, 512), (eth0.LinkBitsPerSecond, eth0.Queues, eth0.Ring));
        Assert.Equal(new SourcePosition(3, 46), eth0.QueuesAt);
        var packets = Assert.IsType<PacketsWorkload>(Assert.Single(flood.Workloads));
        Assert.Equal(new SourcePosition(5, 5), packets.At);
        Assert.Equal(("eth0", 64, 64), (packets.To, packets.SizeBytes, packets.Flows));
        Assert.Equal(new ArrivalSpec { RateMicroHz = 1_000_000_000_000, Law = ArrivalLaw.Poisson, Sigma = 1 }, packets.Arrivals);
        Assert.Equal(
            [new TuningLine("ethtool -C eth0 rx-usecs 50", 7), new TuningLine("echo 2 > /proc/irq/29/smp_affinity", 8)],
            flood.Tuning);
    }

    [Fact]
    public void What_is_left_out_has_the_documented_default()
    {
        Scenario small = ScenarioFile.Parse("""
            devices: {eth0: {model: ice}, ttyS0: {model: uart}, btn: {model: line, irq: 9}, dma: {model: line, chip: msix}}
            workloads: [packets: {to: eth0, rate: 500kpps}]
            """, "small.yaml");

        Assert.Equal(new MachineSpec(), small.Machine);
        Assert.Equal((1, 4, 1, 250, "6.18", ""), (small.Machine.Sockets, small.Machine.Cores, small.Machine.Threads,
            small.Machine.Kernel.Hz, small.Machine.Kernel.Release, small.Machine.Kernel.Cmdline));
        Assert.Equal((1_000_000_000_000, 1ul), (small.RunPs, small.Seed));
        Assert.Empty(small.Tuning);
        Assert.Equal(
            new DeviceSpec { Name = "eth0", Model = "ice", Kind = DeviceKind.Nic, Line = 1, Column = 11, LinkBitsPerSecond = 100_000_000_000 },
            small.Devices[0]);
        Assert.Equal((4, TriggerMode.Level, 115200), (small.Devices[1].Irq, small.Devices[1].Trigger, small.Devices[1].Baud));
        Assert.Equal((9, TriggerMode.Level, "btn"), (small.Devices[2].Irq, small.Devices[2].Trigger, Assert.Single(small.Devices[2].Actions)));
        Assert.Equal((null, TriggerMode.Edge, 1), (small.Devices[3].Irq, small.Devices[3].Trigger, small.Devices[3].Vectors));

        var packets = (PacketsWorkload)small.Workloads[0];
        Assert.Equal((64, 64, ArrivalLaw.Constant, 0L, null), (packets.SizeBytes, packets.Flows, packets.Arrivals.Law,
            packets.Arrivals.StartPs, packets.Arrivals.StopPs));
        AppSpec app = Assert.IsType<AppSpec>(packets.App);
        Assert.Equal((4, null, AppSpread.Flow, 256, default(PolicySpec)), (app.Threads, app.WorkPs, app.Spread, app.SocketDatagrams, app.Policy));
        Assert.Equal([0, 1, 2, 3], app.Cpus);
    }

    [Fact]
    public void Every_key_of_every_part_arrives_in_the_value()
    {
        Scenario all = ScenarioFile.Parse(ScenarioExamples.EveryKey, "all.yaml");

        Assert.Equal(16, all.Machine.Cpus);
        Assert.Equal(new KernelSpec { Hz = 1000, Release = "6.12.9-rt", Cmdline = "threadirqs isolcpus=4-7" }, all.Machine.Kernel);
        DeviceSpec eth0 = all.Devices[0];
        Assert.Equal((2_500_000_000, 4, 2048, "0000:3b:00.1"), (eth0.LinkBitsPerSecond, eth0.Queues, eth0.Ring, eth0.Bus));
        Assert.Equal((8, 128, 16, 32), (eth0.RxUsecs, eth0.RxFrames, eth0.TxUsecs, eth0.TxFrames));
        Assert.Equal(new SourcePosition(14, 15), eth0.CoalesceAt);
        Assert.Equal((40, 0x6d, 0xfa), (eth0.RssKey!.Count, eth0.RssKey[0], eth0.RssKey[^1]));
        Assert.Equal((4, TriggerMode.Edge, 9600), (all.Devices[1].Irq, all.Devices[1].Trigger, all.Devices[1].Baud));
        Assert.Equal((16, InterruptChip.IoApic, "0000:00:1a.0"), (all.Devices[2].Irq, all.Devices[2].Chip, all.Devices[2].Bus));
        Assert.Equal(["ehci_hcd", "i801_smbus"], all.Devices[2].Actions);
        Assert.Equal((InterruptChip.MsiX, 4), (all.Devices[3].Chip, all.Devices[3].Vectors));

        var line = (PacketsWorkload)all.Workloads[0];
        Assert.Equal(new ArrivalSpec { Law = ArrivalLaw.Lognormal, Sigma = 1.5, StartPs = 10_000_000_000, StopPs = 1_500_000_000_000 }, line.Arrivals);
        Assert.Equal((2, 500_000, PolicySpec.Fifo(50), AppSpread.Cpu, 64),
            (line.App!.Threads, line.App.WorkPs, line.App.Policy, line.App.Spread, line.App.SocketDatagrams));
        Assert.Equal([0, 1, 4], line.App.Cpus);
        var bursts = (PacketsWorkload)all.Workloads[1];
        Assert.Null(bursts.App);
        Assert.Equal((2_500_000, 1_000_000_000, 9_000_000_000), (bursts.Arrivals.RateMicroHz, bursts.Arrivals.OnPs, bursts.Arrivals.OffPs));
        Assert.Equal(9_600_000_000, ((UartWorkload)all.Workloads[2]).Arrivals.RateMicroHz);
        var interrupts = (InterruptsWorkload)all.Workloads[3];
        Assert.Equal(("accel", 3), (interrupts.To, interrupts.Vector));
        var backup = (TaskWorkload)all.Workloads[4];
        Assert.Equal(("backup", 300_000, null, TaskTimeClass.System), (backup.Name, backup.BusyPpm, backup.ComputePs, backup.Class));
        Assert.Equal([2, 3], backup.Cpus);
        var control = (TaskWorkload)all.Workloads[5];
        Assert.Equal((null, 300_000_000L, 700_000_000L, 80), (control.BusyPpm, control.ComputePs, control.SleepPs, control.Policy.Priority));
        Assert.Equal(ulong.MaxValue, all.Seed);
    }

    [Fact]
    public void Tuning_keeps_blank_lines_and_comments_so_that_line_numbers_hold()
    {
        Scenario all = ScenarioFile.Parse(ScenarioExamples.EveryKey, "all.yaml");
        string[] file = ScenarioExamples.EveryKey.Split('\n');

        Assert.Equal(["# the queues' interrupts", "for irq in 29 30; do", "", "  echo 2 > /proc/irq/$irq/smp_affinity", "done"],
            all.Tuning.Select(line => line.Text));
        Assert.All(all.Tuning, line => Assert.Equal(line.Text.Trim(), file[line.Line - 1].Trim()));
    }

    [Fact]
    public void A_single_command_may_stand_on_the_line_of_the_key() =>
        Assert.Equal([new TuningLine("ethtool -L eth0 combined 2", 2)],
            ScenarioFile.Parse("run: 1s\ntuning: ethtool -L eth0 combined 2\n", "one.yaml").Tuning);

    [Fact]
    public void A_recording_is_found_from_the_folder_of_the_scenario()
    {
        using var folder = new TemporaryFolder();
        folder.Write("trace.pcap", []);
        string path = folder.Write("replay.yaml", "devices: {eth0: {model: igb}}\nworkloads:\n- pcap: {to: eth0, file: trace.pcap, speed: 0.5}\n"u8);

        var replay = (PcapWorkload)ScenarioFile.Load(path).Workloads[0];

        Assert.Equal((Path.Combine(folder.Path, "trace.pcap"), 500_000), (replay.FilePath, replay.SpeedPpm));
    }

    [Fact]
    public void A_byte_order_mark_and_dos_line_ends_change_nothing()
    {
        using var folder = new TemporaryFolder();
        string dos = folder.Write("dos.yaml", [0xEF, 0xBB, 0xBF, .. System.Text.Encoding.UTF8.GetBytes(ScenarioExamples.Flood.Replace("\n", "\r\n"))]);

        Scenario read = ScenarioFile.Load(dos);

        Assert.Equal(ScenarioFile.Parse(ScenarioExamples.Flood, dos).Tuning, read.Tuning);
        Assert.Equal(new SourcePosition(3, 46), read.Devices[0].QueuesAt);
    }

    [Fact]
    public void The_microsoft_key_is_filled_up_where_the_register_is_longer()
    {
        IReadOnlyList<byte> key = ScenarioFile.Parse("devices: {eth0: {model: i40e, rss-key: microsoft}}", "key.yaml").Devices[0].RssKey!;

        Assert.Equal(52, key.Count);
        Assert.Equal([0x01, 0xfa, 0, 0], key.Skip(38).Take(4).Select(b => (int)b));
    }

    [Fact]
    public void A_key_may_be_written_in_bytes_as_for_ethtool()
    {
        string bytes = string.Join(':', Enumerable.Repeat("6d:5a", 20));

        IReadOnlyList<byte>? symmetric = ScenarioFile.Parse($"devices: {{eth0: {{model: igb, rss-key: '{bytes}'}}}}", "key.yaml").Devices[0].RssKey;

        Assert.Equal(Enumerable.Range(0, 40).Select(i => (byte)(i % 2 == 0 ? 0x6d : 0x5a)), symmetric);
    }
}
