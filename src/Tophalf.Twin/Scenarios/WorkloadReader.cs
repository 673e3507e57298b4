using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Networking.Xdp;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Twin.Workloads;

namespace Tophalf.Twin.Scenarios;

/// <summary>What workloads are checked against.</summary>
/// <param name="Folder">The scenario's folder, which paths start from.</param>
/// <param name="Devices">Those that could be read.</param>
/// <param name="DeviceNames">All that are written: a device with a problem of its own is not reported as missing too.</param>
internal sealed record WorkloadSurroundings(string Folder, int Cpus, IReadOnlyList<DeviceSpec> Devices, IReadOnlyCollection<string> DeviceNames);

/// <summary>Reads the workloads of a scenario, each a list item with one key, its kind.</summary>
internal sealed class WorkloadReader
{
    private const int SmallestFrame = 64;
    private const int LargestFrame = 9018;

    private const int MostClients = 10_000;

    /// <summary>What one call hands to a card that segments: gso_max_size.</summary>
    private const int LongestTrain = 65_536;

    private readonly ProblemList _problems;
    private readonly WorkloadSurroundings _around;
    private readonly LoadKeys _load;
    private readonly (string Kind, Func<SourcePosition, YamlMap, WorkloadSpec> Read)[] _kinds;

    public WorkloadReader(ProblemList problems, WorkloadSurroundings surroundings)
    {
        _problems = problems;
        _around = surroundings;
        _load = new LoadKeys(problems, surroundings.Cpus);
        _kinds = [("packets", ReadPackets), ("requests", ReadRequests), ("streams", ReadStreams), ("pcap", ReadPcap), ("pktgen", ReadPktgen), ("sends", ReadSends), ("uart", ReadUart), ("interrupts", ReadInterrupts), ("reads", ReadReads), ("nmi", ReadNmi), ("task", ReadTask), ("poll-mode", ReadPollMode), ("xdpsock", ReadXsk)];
    }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<WorkloadSpec> ReadAll(YamlList? list)
    {
        WorkloadSpec[] loads = [.. _problems.Bounded(list?.Items ?? [], "workloads", item => item.At).Select(Read).OfType<WorkloadSpec>()];
        KeepClientsApart(loads);
        KeepOutOfThePorts(loads);
        KeepOffTheCables(loads);
        KeepGeneratorsApart(loads);
        return loads;
    }

    private WorkloadSpec? Read(YamlNode item)
    {
        string[] kinds = [.. _kinds.Select(row => row.Kind)];
        const string example = "write a map, such as packets: {to: eth0, rate: 1Mpps}";
        if (item is not YamlMap { Entries: { Count: > 0 } entries })
        {
            _problems.Add(item.At, item is YamlMap ? "the workload is empty" : $"the workload is {item.KindName}", example);
            return null;
        }

        YamlEntry first = entries[0];
        foreach (YamlEntry second in entries.Skip(1))
        {
            _problems.Add(second.KeyAt, $"key {Wording.Quote(second.Key)} stands beside {Wording.Quote(first.Key)}",
                kinds.Contains(second.Key) ? "begin every workload with a dash" : "indent it further than the workload's kind");
        }

        (string kind, Func<SourcePosition, YamlMap, WorkloadSpec>? read) = _kinds.FirstOrDefault(row => row.Kind == first.Key);
        if (kind == null)
            _problems.Add(first.KeyAt, $"unknown workload {Wording.Quote(first.Key)}", Wording.Suggest(first.Key, kinds));
        else if (first.Value is YamlMap map)
            return read(first.KeyAt, map);
        else if (entries.Count == 1)
            _problems.Add(first.Value.At, $"{kind} is {first.Value.KindName}", example);
        return null;
    }

    private PacketsWorkload ReadPackets(SourcePosition at, YamlMap map)
    {
        var keys = new MapReader(map, "packets", _problems, ["to", "size", "flows", "vlan", "app", "forward", .. LoadKeys.Arrivals]);
        DeviceSpec? device = ReadTo(keys, DeviceKind.Nic, "eth0");
        if (device?.IsGivenAway == true)
            keys.Refuse($"is of this kernel, which has given {device.Name} away (driver: vfio-pci)", "leave it out, and add a poll-mode workload", "app", "forward");
        return new PacketsWorkload(at)
        {
            To = device?.Name ?? "",
            Arrivals = _load.ReadArrivals(keys, Quantity.PacketRateMicroHz, "1Mpps", lineRate: true),
            SizeBytes = (int)(keys.Measure("size", Quantity.SizeBytes, SmallestFrame, LargestFrame) ?? SmallestFrame),
            Flows = keys.Int("flows", 1, 1_000_000) ?? 64,
            Vlan = LoadKeys.ReadVlan(keys),
            App = device?.IsGivenAway == true ? null : _load.ReadApp(map, keys),
            Forward = keys.Has("forward") && ReadTo(keys, DeviceKind.Nic, "eth1", "forward") is { IsGivenAway: false } outgoing ? outgoing.Name : null,
        };
    }

    private RequestsWorkload ReadRequests(SourcePosition at, YamlMap map)
    {
        var keys = new MapReader(map, "requests", _problems, "to", "clients", "size", "vlan", "delay", "think", "acks", "timeout", "start", "app");
        AppSpec? app = _load.ReadApp(map, keys);
        if (app is null) keys.Reject("app", "is none, so nobody answers; write app: {threads: 4, reply: 64}");
        keys.Require("clients", "100");
        return new RequestsWorkload(at)
        {
            To = ReadTo(keys, DeviceKind.Nic, "eth0")?.Name ?? "",
            Clients = keys.Int("clients", 1, MostClients) ?? 1,
            Vlan = LoadKeys.ReadVlan(keys),
            SizeBytes = (int)(keys.Measure("size", Quantity.SizeBytes, SmallestFrame, LargestFrame) ?? SmallestFrame),
            DelayPs = keys.Measure("delay", Quantity.DurationPs, SimTime.Microsecond, ScenarioReader.LongestPs) ?? 30 * SimTime.Microsecond,
            ThinkPs = keys.Measure("think", Quantity.DurationPs, 0, ScenarioReader.LongestPs) ?? 0,
            AckBytes = keys.Choice("acks", false, ("yes", true), ("no", false)) ? NetDevice.TcpFrameBytes : null,
            TimeoutPs = ReadTimeout(keys),
            StartPs = keys.Measure("start", Quantity.DurationPs, 0, ScenarioReader.LongestPs) ?? 0,
            App = (app ?? new AppSpec { Threads = 1, Cpus = [0] }) with { ReplyBytes = app?.ReplyBytes ?? SmallestFrame },
        };
    }

    private StreamsWorkload ReadStreams(SourcePosition at, YamlMap map)
    {
        var keys = new MapReader(map, "streams", _problems, "to", "count", "vlan", "segment", "train", "window", "delay", "timeout", "start");
        keys.Require("count", "16");
        int segment = (int)(keys.Measure("segment", Quantity.SizeBytes, 1, LargestFrame - NetDevice.TcpFrameBytes) ?? 1448);
        int most = Math.Clamp(LongestTrain / segment, 1, TcpSegment.MostInFlight);
        int train = keys.Int("train", 1, most) ?? most;
        return new StreamsWorkload(at)
        {
            To = ReadTo(keys, DeviceKind.Nic, "eth0")?.Name ?? "",
            Count = keys.Int("count", 1, MostClients) ?? 1,
            Vlan = LoadKeys.ReadVlan(keys),
            SegmentBytes = segment,
            FrameBytes = FlowMaker.FrameBytes(segment + NetDevice.TcpFrameBytes, LoadKeys.ReadVlan(keys)),
            TrainSegments = train,
            WindowSegments = keys.Int("window", train, TcpSegment.MostInFlight) ?? Math.Min(2 * train, TcpSegment.MostInFlight),
            DelayPs = keys.Measure("delay", Quantity.DurationPs, SimTime.Microsecond, ScenarioReader.LongestPs) ?? 30 * SimTime.Microsecond,
            TimeoutPs = ReadTimeout(keys),
            StartPs = keys.Measure("start", Quantity.DurationPs, 0, ScenarioReader.LongestPs) ?? 0,
        };
    }

    /// <summary>TCP's shortest retransmission timeout, TCP_RTO_MIN in include/net/tcp.h, where nothing is written.</summary>
    private static long ReadTimeout(MapReader keys) =>
        keys.Measure("timeout", Quantity.DurationPs, 100 * SimTime.Microsecond, ScenarioReader.LongestPs) ?? 200 * SimTime.Millisecond;

    private PollModeWorkload ReadPollMode(SourcePosition at, YamlMap map)
    {
        var keys = new MapReader(map, "poll-mode", _problems, "ports", "cpus", "forward", "burst", "sleep-after");
        var ports = new List<DeviceSpec>();
        if (keys.Require("ports", "[eth0]") && keys.List("ports", "[eth0, eth1]") is { } list)
        {
            if (list.Items.Count == 0)
                keys.Reject("ports", "is empty; write ports: [eth0]");
            foreach (YamlNode item in list.Items)
            {
                if (item is YamlScalar name && _around.Devices.FirstOrDefault(device => device.Name == name.Text && device.IsGivenAway) is { } port && !ports.Contains(port))
                    ports.Add(port);
                else
                    _problems.Add(item.At, "a port is the name of a network card with driver: vfio-pci, once", "write ports: [eth0], and driver: vfio-pci in that device");
            }
        }

        IReadOnlyList<int> cpus = keys.Has("cpus") ? _load.ReadCpus(keys) : [0];
        if (ports.FirstOrDefault(port => (port.Queues ?? 1) != cpus.Count) is { } other)
            keys.Reject("cpus", $"has {cpus.Count} CPUs, but {other.Name} has {other.Queues ?? 1} queues, one for each; write queues: {cpus.Count} in that device");
        if (keys.Has("sleep-after") && ports.FirstOrDefault(port => NicModel.Find(port.Model)!.IsOnPin) is { } onPin)
            keys.Reject("sleep-after", $"wants a message from each queue, and {onPin.Name} has a wire; leave it out, or write model: e1000e in that device");
        return new PollModeWorkload(at)
        {
            Ports = [.. ports.Select(port => port.Name)],
            Cpus = cpus,
            Forwards = keys.Choice("forward", true, ("io", true), ("drop", false)),
            Burst = keys.Int("burst", 1, 512) ?? 32,
            SleepsAfter = keys.Int("sleep-after", 1, 1_000_000) ?? 0,
        };
    }

    private XskWorkload ReadXsk(SourcePosition at, YamlMap map)
    {
        var keys = new MapReader(map, "xdpsock", _problems, "to", "queue", "cpu", "bind", "wait", "forward", "size", "batch", "frames", "ring");
        bool sendsOwn = keys.Has("forward") && keys.Text("forward") == "txonly";
        if (!sendsOwn) keys.Refuse("is for a process that makes its own frames", "write forward: txonly or leave it out", "size");
        if (sendsOwn && keys.Has("wait") && keys.Text("wait") == "poll") keys.Reject("wait", "is poll, and a process that only sends has nothing to wait for here; write spin or busy");
        DeviceSpec? device = ReadTo(keys, DeviceKind.Nic, "eth0");
        if (device?.IsGivenAway == true)
            keys.Reject("to", $"{device.Name} has driver: vfio-pci, so this kernel has no socket for it; leave driver out");
        int ring = ReadPowerOfTwo(keys, "ring", 16384) ?? 2048;
        return new XskWorkload(at)
        {
            To = device?.Name ?? "",
            Queue = keys.Int("queue", 0, 4095) ?? 0,
            Cpu = keys.Int("cpu", 0, _around.Cpus - 1) ?? 0,
            Bind = keys.Choice("bind", XskBind.Any, ("any", XskBind.Any), ("copy", XskBind.Copy), ("zero-copy", XskBind.ZeroCopy)),
            Wait = keys.Choice("wait", XskWait.Spin, ("spin", XskWait.Spin), ("poll", XskWait.Poll), ("busy", XskWait.Busy)),
            Forwards = keys.Choice("forward", false, ("drop", false), ("l2fwd", true), ("txonly", false)),
            OwnBytes = !sendsOwn ? 0 : (int)(keys.Measure("size", Quantity.SizeBytes, SmallestFrame, LargestFrame) ?? SmallestFrame),
            Batch = keys.Int("batch", 1, 1024) ?? 64,
            Frames = keys.Int("frames", 1, 65_536) ?? 4096,
            Ring = ring,
        };
    }

    /// <summary>XDP_RX_RING and its like take nothing else (net/xdp/xsk.c, xsk_init_queue).</summary>
    private static int? ReadPowerOfTwo(MapReader keys, string key, int most)
    {
        int? size = keys.Int(key, 1, most);
        if (size is { } entries && !int.IsPow2(entries))
            keys.Reject(key, $"{entries} is not a power of two, as a ring's size has to be; write {System.Numerics.BitOperations.RoundUpToPowerOf2((uint)entries)}");
        return size;
    }

    /// <summary>Nobody but a poll-mode application has packets of a card that the kernel has given away.</summary>
    private void KeepOutOfThePorts(IReadOnlyList<WorkloadSpec> loads)
    {
        var given = _around.Devices.Where(device => device.IsGivenAway).Select(device => device.Name).ToHashSet();
        foreach (WorkloadSpec load in loads)
        {
            string? to = load switch
            {
                RequestsWorkload requests => requests.To,
                StreamsWorkload streams => streams.To,
                PcapWorkload pcap => pcap.To,
                _ => null,
            };
            if (to is not null && given.Contains(to))
                _problems.Add(load.At, "the card has driver: vfio-pci, so this kernel receives nothing from it", "send it packets: {to: …}, for a poll-mode workload, or leave driver out");
        }
    }

    /// <summary>A card whose cable ends in this machine hears nobody but the card at the other end, and what is forwarded to it has no flow there.</summary>
    private void KeepOffTheCables(IReadOnlyList<WorkloadSpec> loads)
    {
        var inside = _around.Devices.Where(device => device.Cable is not null).SelectMany(device => new[] { device.Name, device.Cable! }).ToHashSet();
        var switched = loads.OfType<SendsWorkload>().Where(sends => sends.To is not null).SelectMany(sends => _around.Devices.Where(device => device.Name == sends.To)).Select(CardOf).ToHashSet();
        foreach (WorkloadSpec load in loads)
        {
            if (SentTo(load).FirstOrDefault(name => _around.Devices.Any(device => device.Name == name && switched.Contains(CardOf(device)))) is { } shared)
                _problems.Add(load.At, $"functions of the card of {shared} send to each other, and its wire is not read ahead beside them", "send to another card");
            if (SentTo(load).FirstOrDefault(inside.Contains) is { } to)
                _problems.Add(load.At, $"the cable of {to} ends in this machine, so nobody outside sends to it or hears it", "send with pktgen on the card at the other end, or leave cable out");
        }
    }

    private static IEnumerable<string> SentTo(WorkloadSpec load) => load switch
    {
        PacketsWorkload packets => [packets.To],
        RequestsWorkload requests => [requests.To],
        StreamsWorkload streams => [streams.To],
        PcapWorkload pcap => [pcap.To],
        _ => [],
    };

    /// <summary>The wire is not read ahead for senders that wait for answers, so no others send to their card.</summary>
    private void KeepClientsApart(IReadOnlyList<WorkloadSpec> loads)
    {
        foreach (WorkloadSpec load in loads)
        {
            (string? to, string kind) = load is RequestsWorkload requests ? (requests.To, "requests") : ((load as StreamsWorkload)?.To, "streams");
            if (to is null) continue;
            if (PhysicalOf(to) != to)
                _problems.Add(load.At, $"{kind} go to {to}, a virtual function", $"let them go to {PhysicalOf(to)}, and packets to the functions of another card");
            else if (loads.Any(other => (other is PacketsWorkload packets && PhysicalOf(packets.To) == to) || (other as PcapWorkload)?.To == to))
                _problems.Add(load.At, $"{kind} go to {to}, which gets packets too", $"give the {(kind == "requests" ? "clients" : kind)} a card of their own");
        }
    }

    /// <summary>The card on whose wire a device is.</summary>
    private string PhysicalOf(string name) => _around.Devices.FirstOrDefault(device => device.Name == name)?.PhysicalFunction ?? name;

    private PcapWorkload ReadPcap(SourcePosition at, YamlMap map)
    {
        var keys = new MapReader(map, "pcap", _problems, "to", "file", "speed", "cut", "app");
        string file = "";
        if (keys.Require("file", "trace.pcap") && keys.Text("file") is { } written)
        {
            file = Path.Combine(_around.Folder, written);
            if (!File.Exists(file))
                keys.Reject("file", $"{Wording.Quote(written)} is not there; write the path of a recording, from the scenario's folder");
        }

        return new PcapWorkload(at)
        {
            To = ReadTo(keys, DeviceKind.Nic, "eth0")?.Name ?? "",
            FilePath = file,
            SpeedPpm = keys.Measure("speed", Quantity.FactorPpm, 1_000, 1_000_000_000) ?? 1_000_000,
            UseCut = keys.Choice("cut", false, ("refuse", false), ("use", true)),
            App = _load.ReadApp(map, keys),
        };
    }

    private PktgenWorkload ReadPktgen(SourcePosition at, YamlMap map)
    {
        var keys = new MapReader(map, "pktgen", _problems, "from", "cpu", "count", "delay", "size", "clone", "burst", "flows");
        DeviceSpec? device = ReadTo(keys, DeviceKind.Nic, "eth0", "from");
        if (device?.IsGivenAway == true) keys.Reject("from", $"{device.Name} is given away (driver: vfio-pci), so this kernel cannot send on it; write another card");
        return new PktgenWorkload(at)
        {
            From = device?.Name ?? "",
            Cpu = keys.Int("cpu", 0, _around.Cpus - 1) ?? 0,
            Count = keys.Int("count", 0, int.MaxValue) ?? 0,
            DelayPs = keys.Measure("delay", Quantity.DurationPs, 0, ScenarioReader.LongestPs) ?? 0,
            SizeBytes = (int)(keys.Measure("size", Quantity.SizeBytes, SmallestFrame, LargestFrame) ?? SmallestFrame),
            CloneSkb = keys.Int("clone", 0, 1_000_000_000) ?? 0,
            Burst = keys.Int("burst", 1, 1_000_000) ?? 1,
            Flows = keys.Int("flows", 1, 10_000) ?? 1,
        };
    }

    /// <summary>The physical function.</summary>
    private static string CardOf(DeviceSpec device) => device.PhysicalFunction ?? device.Name;

    private SendsWorkload ReadSends(SourcePosition at, YamlMap map)
    {
        var keys = new MapReader(map, "sends", _problems, "from", "to", "cpus", "count", "size", "work", "app");
        DeviceSpec? device = ReadTo(keys, DeviceKind.Nic, "veth0", "from");
        DeviceSpec? to = keys.Has("to") ? ReadTo(keys, DeviceKind.Nic, "eth0v1") : null;
        if (to is not null && device is not null && (to.Name == device.Name || CardOf(to) != CardOf(device)))
            keys.Reject("to", $"{to.Name} is no other function of the card of {device.Name}; write one, such as {DeviceSpec.NameOfVirtual(CardOf(device), 0)}, or a cable and no to");
        if (to is not null && (to.BusMicroHz ?? to.BusBitsPerSecond) is not null)
            keys.Reject("to", $"{to.Name} has a bus of its own (pcie), which frames inside the card would pass twice; leave pcie out");
        if (!keys.Has("to") && device is not null && !_around.Devices.Any(other => other.Cable == device.Name || device.Cable == other.Name))
            keys.Reject("from", $"{device.Name} has no cable to another card of this machine; write cable in one of the two");
        AppSpec? app = _load.ReadApp(map, keys);
        if (app?.ReplyBytes is not null) keys.Reject("app", "answers (reply), and nobody waits for that here; leave reply out");
        return new SendsWorkload(at)
        {
            From = device?.Name ?? "",
            To = to?.Name,
            Cpus = keys.Has("cpus") ? _load.ReadCpus(keys) : [0],
            Count = keys.Int("count", 0, int.MaxValue) ?? 0,
            SizeBytes = (int)(keys.Measure("size", Quantity.SizeBytes, SmallestFrame, LargestFrame) ?? SmallestFrame),
            WorkPs = keys.Measure("work", Quantity.DurationPs, 0, ScenarioReader.LongestPs) ?? 0,
            App = app,
        };
    }

    /// <summary>A card is in the hands of one generator.</summary>
    private void KeepGeneratorsApart(IReadOnlyList<WorkloadSpec> loads)
    {
        var seen = new HashSet<string>();
        foreach (PktgenWorkload load in loads.OfType<PktgenWorkload>())
        {
            if (!seen.Add(load.From)) _problems.Add(load.At, $"another pktgen sends on {load.From} already", "write from: another card, or one pktgen with both loads");
        }
    }

    private UartWorkload ReadUart(SourcePosition at, YamlMap map)
    {
        var keys = new MapReader(map, "uart", _problems, ["to", .. LoadKeys.Arrivals]);
        return new UartWorkload(at)
        {
            To = ReadTo(keys, DeviceKind.Uart, "ttyS0")?.Name ?? "",
            Arrivals = _load.ReadArrivals(keys, Quantity.CharacterRateMicroHz, "11520/s", lineRate: false),
        };
    }

    private InterruptsWorkload ReadInterrupts(SourcePosition at, YamlMap map)
    {
        var keys = new MapReader(map, "interrupts", _problems, ["to", "vector", .. LoadKeys.Arrivals]);
        DeviceSpec? device = ReadTo(keys, DeviceKind.Line, "dev0");
        return new InterruptsWorkload(at)
        {
            To = device?.Name ?? "",
            Vector = keys.Int("vector", 0, (device?.Vectors ?? int.MaxValue) - 1, device?.Name ?? "") ?? 0,
            Arrivals = _load.ReadArrivals(keys, Quantity.EventRateMicroHz, "1000/s", lineRate: false),
        };
    }

    private ReadsWorkload ReadReads(SourcePosition at, YamlMap map)
    {
        var keys = new MapReader(map, "reads", _problems, "to", "name", "threads", "cpus", "latency", "think", "policy");
        DeviceSpec? device = ReadTo(keys, DeviceKind.Line, "disk0");
        if (device is { IsSpread: false }) keys.Reject("to", $"{Wording.Quote(device.Name)} is of model {device.Model}, which stores nothing; write a device of model nvme or virtio-blk");
        IReadOnlyList<int> cpus = _load.ReadCpus(keys);
        return new ReadsWorkload(at)
        {
            To = device?.Name ?? "",
            Name = keys.Words("name", longest: 15, "backup") ?? "reader",
            Threads = keys.Int("threads", 1, 4096) ?? cpus.Count,
            Cpus = cpus,
            LatencyPs = keys.Measure("latency", Quantity.DurationPs, SimTime.Microsecond, ScenarioReader.LongestPs) ?? 70 * SimTime.Microsecond,
            ThinkPs = keys.Measure("think", Quantity.DurationPs, 0, ScenarioReader.LongestPs) ?? 0,
            Policy = LoadKeys.ReadPolicy(keys),
        };
    }

    private NmiWorkload ReadNmi(SourcePosition at, YamlMap map)
    {
        var keys = new MapReader(map, "nmi", _problems, ["from", .. LoadKeys.Arrivals]);
        return new NmiWorkload(at)
        {
            From = keys.Choice("from", NmiSource.Button, ("button", NmiSource.Button), ("serr", NmiSource.Serr), ("iochk", NmiSource.IoCheck)),
            Arrivals = _load.ReadArrivals(keys, Quantity.EventRateMicroHz, "1/s", lineRate: false),
        };
    }

    private TaskWorkload ReadTask(SourcePosition at, YamlMap map)
    {
        var keys = new MapReader(map, "task", _problems, "name", "cpus", "busy", "compute", "sleep", "policy", "class", "disables", "roams");
        keys.Require("name", "backup");
        if (keys.Has("busy"))
            keys.Refuse("stands beside busy", "write busy, or compute and sleep", "compute", "sleep");
        else if (keys.Has("compute") || keys.Has("sleep"))
            _ = keys.Require("compute", "300us") && keys.Require("sleep", "700us");
        else
            keys.Require("busy", "30%");

        return new TaskWorkload(at)
        {
            // A task's name has 15 characters (TASK_COMM_LEN in include/linux/sched.h).
            Name = keys.Words("name", longest: 15, "backup") ?? "",
            Cpus = _load.ReadCpus(keys),
            BusyPpm = (int?)keys.Measure("busy", Quantity.PercentPpm, 10_000, 1_000_000),
            ComputePs = keys.Measure("compute", Quantity.DurationPs, 1, ScenarioReader.LongestPs),
            SleepPs = keys.Measure("sleep", Quantity.DurationPs, 1, ScenarioReader.LongestPs),
            Policy = LoadKeys.ReadPolicy(keys),
            Class = keys.Choice("class", TaskTimeClass.User, ("user", TaskTimeClass.User), ("system", TaskTimeClass.System)),
            Disables = keys.Choice("disables", TaskSection.Nothing, ("nothing", TaskSection.Nothing), ("preemption", TaskSection.Preemption),
                ("interrupts", TaskSection.Interrupts)),
            Roams = LoadKeys.ReadRoams(keys),
        };
    }

    /// <summary>The device a workload goes to; null where it is not there, of another kind or has problems of its own.</summary>
    private DeviceSpec? ReadTo(MapReader keys, DeviceKind kind, string example, string key = "to")
    {
        keys.Require(key, example);
        if (keys.Text(key) is not { } name)
            return null;
        DeviceSpec? device = _around.Devices.FirstOrDefault(device => device.Name == name);
        string[] fitting = [.. _around.Devices.Where(device => device.Kind == kind).Select(device => device.Name)];
        string instead = fitting.Length > 0 ? Wording.Suggest(name, fitting) : $"add a device of model {ModelsOf(kind)}";
        if (device == null && !_around.DeviceNames.Contains(name))
            keys.Reject(key, $"{Wording.Quote(name)} is not a device of this scenario; {instead}");
        else if (device != null && device.Kind != kind)
            keys.Reject(key, $"{Wording.Quote(name)} is of model {device.Model}, which does not take this workload; {instead}");
        else
            return device;
        return null;
    }

    private static string ModelsOf(DeviceKind kind) =>
        Wording.OneOf(DeviceModel.All.Where(model => model.Kind == kind).Select(model => model.Name));
}
