using System.Globalization;
using System.Text;
using Tophalf.Kernel.Networking;
using Tophalf.Simulation;

namespace Tophalf.Tests.Twin.Exact;

/// <summary>
/// Draws scenarios: a number gives the same one everywhere. They are small and mean, so that rings fill, sockets overflow, lines move and queues
/// change while packets come in.
/// </summary>
internal sealed class ScenarioDraw
{
    private readonly RandomStream _random, _streams, _redirects, _sockets, _generators, _link, _rcu, _arat, _releases, _vlans, _polled;
    private readonly StringBuilder _yaml = new();
    private readonly int[] _queues = new int[2];
    private int _cpus;
    private bool _hasStreams, _pair;
    private int? _virtual;

    private ScenarioDraw(ulong number)
    {
        _random = new RandomStream(number, "scenario");
        // Their own chances, so that scenarios without streams and redirection stay what they are.
        _streams = new RandomStream(number, "streams");
        _link = new RandomStream(number, "link");
        _redirects = new RandomStream(number, "redirects");
        _sockets = new RandomStream(number, "sockets");
        _generators = new RandomStream(number, "generators");
        _rcu = new RandomStream(number, "rcu");
        _arat = new RandomStream(number, "arat");
        _releases = new RandomStream(number, "releases");
        _vlans = new RandomStream(number, "vlans");
        _polled = new RandomStream(number, "polled");
    }

    public static string Yaml(ulong number)
    {
        var draw = new ScenarioDraw(number);
        draw.Write(number);
        return draw._yaml.ToString();
    }

    private void Write(ulong number)
    {
        int threads = OneIn(4) ? 2 : 1;
        int cores = threads == 2 ? Pick(1, 2, 3, 4) : From(1, 8);
        _cpus = cores * threads;
        string costs = Pick("server-3ghz", "server-3ghz", "server-3ghz", "textbook", "guest", "livelock1996");
        bool isSlow = costs == "livelock1996";
        string idle = OneIn(4) ? $", idle: {Pick("icelake-server", "sapphire-rapids", "skylake-server")}" : "";
        if (idle.Length > 0 && _arat.NextInt(2) == 0) idle = $", idle: {(_arat.NextInt(2) == 0 ? "nehalem" : "icelake-server")}, arat: off";
        if (OneIn(10)) idle += $", steal: {Pick(5, 30)}%, steal-slice: {Pick(20, 500)}us";
        Line($"machine: {{cores: {cores}, threads: {threads}, costs: {costs}{idle}, kernel: {{hz: {Pick(100, 250, 250, 1000)}{Release()}{Preemption()}{IrqTime()}{Cmdline(Boot())}}}}}");
        int nics = OneIn(5) ? 2 : 1;
        bool uart = OneIn(4), line = OneIn(4), shared = OneIn(6);
        var models = new NicModel[nics];
        Line("devices:");
        for (int i = 0; i < nics; i++) models[i] = Nic(i);
        if (uart) Line($"  ttyS0: {{model: uart, irq: 4, trigger: {Pick("level", "level", "edge")}, baud: {Pick(9600, 115200)}}}");
        if (line) Line($"  accel: {{model: line, chip: msix, vectors: {From(1, 3)}}}");
        bool disk = OneIn(6);
        if (disk) Line($"  disk: {{model: {Pick("nvme", "virtio-blk")}, queues: {Pick(1, _cpus)}}}");
        if (shared) Line("  usb: {model: line, irq: 16, chip: ioapic, trigger: level, actions: [ehci_hcd, i801_smbus]}");
        bool generates = !isSlow && _generators.NextInt(6) == 0;
        if (generates) Cable();
        bool pair = !isSlow && _generators.NextInt(8) == 0;
        if (pair) Line("  veth0: {model: veth}\n  veth1: {model: veth, cable: veth0}");
        int polled = !isSlow && _polled.NextInt(6) == 0 ? 1 + _polled.NextInt(2) : 0;
        for (int i = 0; i < polled; i++) Line($"  pmd{i}: {{model: {(_polled.NextInt(2) == 0 ? "ixgbe" : "i40e")}, link: 10Gb/s, ring: {64 << _polled.NextInt(3)}, driver: vfio-pci}}");
        Line("workloads:");
        if (polled > 0) PollMode(polled);
        if (generates) Generator();
        if (pair) Line($"  - sends: {{from: veth{_generators.NextInt(2)}, cpus: \"{_generators.NextInt(_cpus)}\", count: {(_generators.NextInt(2) == 0 ? 0 : 700)}, work: {_generators.NextInt(3)}us{(_generators.NextInt(3) == 0 ? ", app: none" : $", app: {{threads: 2, socket: 16, work: {_generators.NextInt(3)}us, busy: {_generators.NextInt(2) * 50}us}}")}}}");
        _pair = pair;
        for (int i = 0; i < nics; i++)
        {
            if (_streams.NextInt(8) == 0)
            {
                Streams(i);
                if (!isSlow && OneIn(2)) Requests(i);
                continue;
            }
            if (!isSlow && OneIn(5))
            {
                Requests(i);
                continue;
            }
            for (int streams = OneIn(3) ? 2 : 1; streams > 0; streams--) Packets($"eth{i}{(_virtual == i && _link.NextInt(2) == 0 ? "v0" : "")}", isSlow);
        }
        if (uart) Line($"  - uart: {{to: ttyS0, rate: {Pick(500, 5000, 11520)}/s, arrivals: {Pick("constant", "poisson")}}}");
        if (line) Line($"  - interrupts: {{to: accel, rate: {Pick(1, 20, 200)}k/s{Law(20)}}}");
        if (shared) Line($"  - interrupts: {{to: usb, rate: {Pick(1, 20)}k/s{Law(20)}}}");
        if (disk) Line($"  - reads: {{to: disk, threads: {From(1, 4)}, latency: {Pick(5, 70, 900)}us, think: {Pick(0, 3, 100)}us}}");
        if (_sockets.NextInt(5) == 0) Socket(models);
        for (int hogs = OneIn(3) ? From(1, 2) : 0; hogs > 0; hogs--) Hog(hogs);
        Tuning(models);
        Line($"run: {From(3, 9)}ms");
        Line($"seed: {number}");
    }

    /// <summary>Where softirqs run and when the tick stops.</summary>
    private string Boot() => From(0, 11) switch
    {
        0 => ", cmdline: threadirqs",
        1 => ", cmdline: nohz=off",
        2 => $", cmdline: nohz_full=0-{_cpus - 1}",
        3 => $", cmdline: threadirqs nohz_full={_cpus - 1}",
        4 => $", cmdline: {Pick("idle=poll", "idle=halt", "intel_idle.max_cstate=1", "cpuidle_haltpoll.force=1")}",
        _ => "",
    };

    /// <summary>Some processors are relieved of RCU callbacks.</summary>
    private string Cmdline(string boot) =>
        _rcu.NextInt(6) > 0 ? boot : $"{(boot.Length > 0 ? boot : ", cmdline:")} {(_rcu.NextInt(2) == 0 ? "rcu_nocbs=all" : $"rcu_nocbs=0-{_rcu.NextInt(_cpus)}")}";

    /// <summary>One in four has the fair class of before 6.6, and real-time throttling.</summary>
    private string Release() => _releases.NextInt(4) == 0 ? ", release: 6.1.0" : "";

    private string Preemption() => OneIn(2) ? $", preempt: {Pick("none", "voluntary", "full", "lazy", "rt")}" : "";

    private string IrqTime() => OneIn(5) ? ", irq-time: off" : "";

    private NicModel Nic(int index)
    {
        NicModel model = NicModel.All[From(0, NicModel.All.Count - 1)];
        int most = Math.Min(model.MaxQueues, Math.Min(_cpus, 8));
        string link = $"{Pick(1, 10, 10, 40)}Gb/s";
        _queues[index] = From(1, most);
        var keys = new StringBuilder($"model: {model.Name}, link: {link}, queues: {_queues[index]}");
        if (OneIn(2) && model.MaxRing > 16) keys.Append($", ring: {Math.Max(model.MinRing, Pick(64, 128, 256, 512))}");
        if (OneIn(2) && model.Coalescing.RxUsecs is not null) keys.Append($", rx-usecs: {Usecs(model)}");
        if (model.HasFrames && OneIn(2)) keys.Append($", rx-frames: {Pick(0, 1, 2, 16, 64, 300)}");
        if (OneIn(10) & !model.IsOldDriver) keys.Append($", weight: {Pick(1, 5, 1000)}");
        if (OneIn(10) & !model.IsOldDriver) keys.Append(", feedback: yes");
        if (model.Sriov is not null && _link.NextInt(6) == 0)
        {
            keys.Append(", vfs: 1");
            _virtual = index;
        }
        if (OneIn(6)) keys.Append($", pcie: {Pick("200kpps", "1Mpps", "1Gb/s")}");
        Line($"  eth{index}: {{{keys}}}");
        return model;
    }

    /// <summary>Two cards that hear each other.</summary>
    private void Cable()
    {
        string Model() => NicModel.All[_generators.NextInt(NicModel.All.Count)].Name;
        string from = Model(), to = Model();
        Line($"  out0: {{model: {from}, link: 10Gb/s, queues: 1}}");
        Line($"  in0: {{model: {to}, link: 10Gb/s, queues: 1, cable: out0}}");
    }

    /// <summary>The packet generator on one of them, whose ring its card cannot always empty as fast as it is filled.</summary>
    private void Generator()
    {
        int Pick(params int[] values) => values[_generators.NextInt(values.Length)];
        Line($"  - pktgen: {{from: {(_generators.NextInt(2) == 0 ? "out0" : "in0")}, cpu: {_generators.NextInt(_cpus)}, count: {Pick(0, 0, 100, 2000)}, delay: {Pick(0, 0, 900, 30_000, 150_000)}ns, "
            + $"size: {Pick(64, 1518)}, clone: {Pick(0, 10)}, burst: {Pick(1, 4, 300)}, flows: {Pick(1, 20)}}}");
    }

    /// <summary>Cards that an application has, with what comes to them.</summary>
    private void PollMode(int ports)
    {
        string Pick(params string[] values) => values[_polled.NextInt(values.Length)];
        for (int i = 0; i < ports; i++) Line($"  - packets: {{to: pmd{i}, rate: {Pick("5", "100", "1000", "5000")}kpps, size: {Pick("64", "1518")}, arrivals: {Pick("constant", "poisson")}}}");
        string sleeps = _polled.NextInt(2) == 0 ? $", sleep-after: {Pick("1", "10", "300")}" : "";
        Line($"  - poll-mode: {{ports: [{(ports == 1 ? "pmd0" : "pmd0, pmd1")}], cpus: \"{_polled.NextInt(_cpus)}\", forward: {Pick("io", "drop")}, burst: {Pick("1", "4", "32")}{sleeps}}}");
    }

    /// <summary>A time, or one of the modes that the driver writes as a time.</summary>
    private uint Usecs(NicModel model) => OneIn(2) ? model.UsecsModes[From(0, model.UsecsModes.Count - 1)] : Pick(12u, 50u, 250u);

    private void Packets(string to, bool isSlow)
    {
        int kpps = isSlow ? From(1, 20) : Pick(5, 20, 100, 300, 1000, 1000, 3000);
        string rate = !isSlow && OneIn(12) ? "line" : $"{kpps}kpps";
        var keys = new StringBuilder($"to: {to}, rate: {rate}, size: {Size()}, flows: {Pick(1, 2, 16, 64)}{Law(kpps)}");
        if (OneIn(5)) keys.Append($", start: {From(0, 3)}ms");
        if (OneIn(6)) keys.Append($", stop: {From(4, 6)}ms");
        keys.Append(OneIn(3) ? ", app: none" : App());
        if (OneIn(8)) keys.Append(", forward: eth0");
        keys.Append(Tag());
        Line($"  - packets: {{{keys}}}");
    }

    /// <summary>Clients whose next request waits for the answer; a short timeout, so that some ask twice.</summary>
    private void Requests(int nic) =>
        Line($"  - requests: {{to: eth{nic}, clients: {Pick(1, 3, 16, 100)}, size: {Pick(64, 256)}{Tag()}, delay: {Pick(2, 30, 200)}us, think: {Pick(0, 0, 20)}us, acks: {Pick("no", "yes")}, timeout: {Pick(300, 2000, 200000)}us{App()}}}");

    private string Tag() => _vlans.NextInt(6) > 0 ? "" : $", vlan: {5 + _vlans.NextInt(2)}";

    /// <summary>Who makes and removes VLAN devices, and who takes tags out.</summary>
    private void Vlans(int nic)
    {
        Line($"  ip link add link eth{nic} name vlan{nic} type vlan id 5; ip link set vlan{nic} up; sleep 0.000{_vlans.NextInt(10)}");
        string[] commands = [$"ethtool -K eth{nic} rx-vlan-filter off", $"ethtool -K eth{nic} rxvlan off", $"ethtool -K eth{nic} txvlan off", $"ip link set vlan{nic} down", $"ip link delete vlan{nic}", "true"];
        Line($"  {commands[_vlans.NextInt(commands.Length)]} || true; sleep 0.000{_vlans.NextInt(10)}");
    }

    /// <summary>Windows and timeouts small enough that rings fill, and streams go back.</summary>
    private void Streams(int nic)
    {
        _hasStreams = true;
        int train = Pick(1, 2, 7, 45);
        Line($"  - streams: {{to: eth{nic}, count: {Pick(1, 3, 20, 100)}, segment: {Pick(536, 1448)}{Tag()}, train: {train}, window: {train * From(1, 4)}, delay: {Pick(2, 30, 200)}us, timeout: {Pick(300, 2000)}us}}");
    }

    private string App()
    {
        var keys = new StringBuilder($", app: {{threads: {From(1, 6)}, work: {Pick(0, 100, 500, 1000, 5000)}ns, socket: {Pick(4, 16, 64, 256)}, spread: {Pick("flow", "cpu", "napi")}");
        if (OneIn(2)) keys.Append($", cpus: \"{From(0, _cpus - 1)}\"");
        else if (OneIn(3)) keys.Append(", roams: yes");
        if (OneIn(4)) keys.Append(Policy());
        if (OneIn(4)) keys.Append($", reply: {Reply()}");
        if (OneIn(4)) keys.Append($", wait: {Pick("recv", "epoll")}, busy: {Pick(0, 20, 50, 200)}us, budget: {Pick(1, 8, 64)}, prefer: {Pick("yes", "no")}");
        return keys.Append('}').ToString();
    }

    private string Law(int kiloHz) => From(0, 3) switch
    {
        0 => ", arrivals: constant",
        1 => ", arrivals: poisson",
        2 => $", arrivals: lognormal, sigma: {Pick("0.2", "1", "2")}",
        _ => $", arrivals: onoff, on: {(kiloHz < 50 ? 1000 : Pick(20, 200))}us, off: {Pick(50, 500, 2000)}us",
    };

    private void Hog(int number)
    {
        string much = OneIn(2) ? $"busy: {Pick(5, 30, 100)}%" : $"compute: {Pick(30, 300, 2000)}us, sleep: {Pick(20, 700)}us";
        string cpus = OneIn(4) ? $"cpus: \"0-{_cpus - 1}\", roams: yes" : $"cpus: \"{From(0, _cpus - 1)}\"";
        string disables = OneIn(5) ? $", disables: {Pick("preemption", "interrupts")}" : "";
        Line($"  - task: {{name: hog{number}, {cpus}, {much}, class: {Pick("user", "system")}{disables}{(OneIn(2) ? Policy() : "")}}}");
    }

    private string Policy() => From(0, 6) switch
    {
        0 => $", policy: \"rr:{From(1, 99)}\"",
        1 => ", policy: \"deadline:200us/1ms\"",
        2 => $", policy: \"fair:{From(-20, 19)}\"",
        3 => $", policy: {Pick("batch", "idle")}",
        _ => $", policy: \"fifo:{From(1, 99)}\"",
    };

    private void Tuning(NicModel[] models)
    {
        int commands = From(0, 4);
        bool redirects = _redirects.NextInt(4) == 0;
        int links = _link.NextInt(3);
        bool hasTags = _yaml.ToString().Contains("vlan:", StringComparison.Ordinal);
        if (commands == 0 && !_hasStreams && !redirects && !_pair && links == 0 && !hasTags) return;
        Line("tuning: |");
        for (int nic = 0; hasTags && nic < models.Length; nic++) Vlans(nic);
        for (; links > 0; links--) Line($"  {Link(_link.NextInt(models.Length))} || true{(_link.NextInt(2) == 0 ? "; sleep 0.001" : "")}");
        if (redirects) Redirect(models.Length);
        if (_pair) Line($"  echo {_generators.NextInt(1 << _cpus):x} > /sys/class/net/veth1/queues/rx-0/rps_cpus");
        if (_hasStreams && OneIn(2)) Line($"  echo {Pick(1, 2, 5, 2000)}000 > /sys/class/net/eth0/gro_flush_timeout");
        if (_hasStreams) Line($"  ethtool -K eth0 gro {Pick("on", "on", "off")}");
        for (; commands > 0; commands--)
        {
            int nic = From(0, models.Length - 1);
            NicModel model = models[nic];
            int most = model.IsLimitedToCpus ? Math.Min(model.MaxQueues, _cpus) : model.MaxQueues;
            switch (From(0, 10))
            {
                case 0: Line($"  for d in /proc/irq/[0-9]*; do echo {Mask()} > $d/smp_affinity 2>/dev/null || true; done"); break;
                case 1: Line($"  echo {From(0, _cpus - 1)} > $(ls -d /proc/irq/[0-9]* | tail -n 1)/smp_affinity_list || true"); break;
                case 2: Line($"  ethtool -L eth{nic} combined {From(1, Math.Min(most, 8))} || true"); break;
                case 3: Line($"  ethtool -C eth{nic} {(OneIn(3) ? $"adaptive-rx {Pick("on", "off")}" : $"rx-usecs {Pick(0, 1, 5, 20, 100)}")} || true"); break;
                case 4: Line($"  ethtool -G eth{nic} rx {Pick(64, 256, 512)} || true"); break;
                case 7: Line($"  {Steering(nic)} || true"); break;
                case 8: Line($"  echo {Pick(10, 50, 200)}000 > /sys/class/net/eth{nic}/gro_flush_timeout && echo {From(0, 20)} > /sys/class/net/eth{nic}/napi_defer_hard_irqs"); break;
                case 9: Line($"  ip -force link set dev eth{nic} {Pick("xdp", "xdp", "xdpgeneric")} {Pick("off", "obj xdp_drop.o", "obj xdp_pass.o", "obj xdp_tx.o")} || true"); break;
                case 10: Line($"  echo {Pick(20, 50)} > /proc/sys/net/core/{Pick("busy_poll", "busy_read")} || true"); break; // a kernel with PREEMPT_RT has none
                case 5: Line($"  ethtool -X eth{nic} equal 1 || true"); break;
                default: Line($"  sleep 0.00{From(1, 3)}"); break;
            }
        }
    }

    /// <summary>AF_XDP sockets on the first queues of a card, with few frames and small rings, so that every ring is empty or full at times.</summary>
    private void Socket(NicModel[] models)
    {
        int nic = _sockets.NextInt(models.Length), count = 1 + _sockets.NextInt(2);
        if (models[nic].IsOldDriver || models[nic].Xdp is { NeedsSpareQueues: true } && 2 * _queues[nic] > _cpus || _virtual == nic && models[nic].Xdp is { RefusesWithFunctions: true }) return;
        string bind = models[nic].HasZeroCopy && _sockets.NextInt(3) > 0 ? "zero-copy" : "copy";
        string[] waits = ["spin", "spin", "poll", "busy"], forwards = ["drop", "drop", "l2fwd"];
        for (int queue = 0; queue < Math.Min(count, _queues[nic]); queue++)
        {
            string wait = waits[_sockets.NextInt(4)], forward = forwards[_sockets.NextInt(3)];
            if (wait != "poll" && _vlans.NextInt(4) == 0) forward = "txonly";
            Line($"  - xdpsock: {{to: eth{nic}, queue: {queue}, cpu: {_sockets.NextInt(_cpus)}, bind: {bind}, wait: {wait}, forward: {forward}, "
                + $"batch: {1 << _sockets.NextInt(7)}, frames: {16 << _sockets.NextInt(8)}, ring: {16 << _sockets.NextInt(6)}}}");
        }
    }

    /// <summary>Small queues, so that they fill; some maps stay empty, and some cards take nothing.</summary>
    private void Redirect(int nics)
    {
        int from = _redirects.NextInt(nics), to = _redirects.NextInt(nics);
        string mode = _redirects.NextInt(3) == 0 ? "xdpgeneric" : "xdp";
        if (to != from && _redirects.NextInt(2) == 0) Line($"  ip link set dev eth{to} xdp obj xdp_pass.o || true");
        if (_redirects.NextInt(3) == 0)
        {
            Line($"  ip link set dev eth{from} {mode} obj xdp_redirect_map.o || true");
            if (_redirects.NextInt(6) > 0) Line($"  bpftool map update name tx_port key 0 0 0 0 value {to + 2} 0 0 0 || true");
            return;
        }
        string[] sections = ["xdp_cpu_map0", "xdp_cpu_map2_round_robin", "xdp_cpu_map5_lb_hash_ip_pairs"];
        Line($"  ip link set dev eth{from} {mode} obj xdp_redirect_cpu.o sec {sections[_redirects.NextInt(3)]} || true");
        int count = 1 + _redirects.NextInt(3);
        Line($"  bpftool map update name cpus_count key 0 0 0 0 value {count} 0 0 0 || true");
        for (int i = 0; i < count; i++)
        {
            int cpu = _redirects.NextInt(_cpus), size = 1 << _redirects.NextInt(9);
            Line($"  bpftool map update name cpus_available key {i} 0 0 0 value {cpu} 0 0 0 || true");
            Line($"  bpftool map update name cpu_map key {cpu} 0 0 0 value {size & 255} {size >> 8} 0 0 0 0 0 0 || true");
        }
    }

    private string Steering(int nic) => From(0, 3) switch
    {
        0 => $"echo {From(0, 1)} > /sys/class/net/eth{nic}/threaded",
        1 => $"echo {Mask()} > /sys/class/net/eth{nic}/queues/tx-0/xps_cpus",
        2 => $"echo 256 > /proc/sys/net/core/rps_sock_flow_entries && echo 64 > /sys/class/net/eth{nic}/queues/rx-0/rps_flow_cnt",
        _ => $"echo {Mask()} > /sys/class/net/eth{nic}/queues/rx-0/rps_cpus",
    };

    /// <summary>Pause frames, long frames, filters of the card, virtual functions: what the wire's frames meet before any queue, and what cuts those that are sent.</summary>
    private string Link(int nic) => _link.NextInt(7) switch
    {
        0 => $"ethtool -A eth{nic} tx {OnOff()}",
        1 => $"ip link set dev eth{nic} mtu {1000 + 1000 * _link.NextInt(9)}",
        2 => $"ethtool -X eth{nic} context new equal 1 && ethtool -N eth{nic} flow-type udp4 context 1",
        3 => $"ethtool -K eth{nic} ntuple {OnOff()}",
        4 => $"ethtool -K eth{nic} tso {OnOff()} gso {OnOff()}",
        5 => $"echo {_link.NextInt(2)} > /sys/class/net/eth{nic}/device/sriov_numvfs 2>/dev/null",
        _ => $"ethtool -K eth{nic} ntuple on && echo 256 > /proc/sys/net/core/rps_sock_flow_entries && for q in /sys/class/net/eth{nic}/queues/rx-*; do echo 64 > $q/rps_flow_cnt; done",
    };

    private string OnOff() => _link.NextInt(2) == 0 ? "on" : "off";

    /// <summary>Now and then longer than a packet may be at first.</summary>
    private int Size()
    {
        int usual = Pick(64, 64, 256, 1518);
        return _link.NextInt(8) == 0 ? 4000 : usual;
    }

    private int Reply()
    {
        int usual = Pick(64, 1518);
        return _link.NextInt(4) == 0 ? 5000 : usual;
    }

    private string Mask() => (1 + _random.NextInt((1 << _cpus) - 1)).ToString("x", CultureInfo.InvariantCulture);

    private void Line(string text) => _yaml.Append(text).Append('\n');
    private int From(int first, int last) => first + _random.NextInt(last - first + 1);
    private bool OneIn(int many) => _random.NextInt(many) == 0;
    private T Pick<T>(params T[] choices) => choices[_random.NextInt(choices.Length)];
}
