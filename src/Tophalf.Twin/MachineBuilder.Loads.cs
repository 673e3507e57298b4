using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Modules.Pktgen;
using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Scheduling;
using Tophalf.Kernel.Storage;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Twin.Captures;
using Tophalf.Twin.Scenarios;
using Tophalf.Twin.Workloads;

namespace Tophalf.Twin;

/// <summary>The workloads of a scenario: who sends, waits, reads and computes on the machine that was built.</summary>
public sealed partial class MachineBuilder
{
    private static ArrivalProcess Arrivals(ArrivalSpec spec, double lineRate)
    {
        double rate = spec.RateMicroHz is { } microHz ? microHz / 1e6 : lineRate;
        return spec.Law switch
        {
            ArrivalLaw.Constant => new ConstantArrivals(rate),
            ArrivalLaw.Poisson => new PoissonArrivals(rate),
            ArrivalLaw.Lognormal => new LogNormalArrivals(rate, spec.Sigma),
            _ => new OnOffArrivals(rate, spec.OnPs, spec.OffPs),
        };
    }

    private void Load(WorkloadSpec spec, int index)
    {
        switch (spec)
        {
            case PacketsWorkload packets: LoadPackets(packets, index); break;
            case RequestsWorkload requests: LoadRequests(requests, index); break;
            case StreamsWorkload streams: LoadStreams(streams, index); break;
            case PcapWorkload pcap: LoadPcap(pcap, index); break;
            case UartWorkload uart: _machine.SerialPorts.First(port => port.Name == uart.To).Uart.Start(uart.Arrivals.StartPs); break;
            case PktgenWorkload pktgen: LoadPktgen(pktgen); break;
            case SendsWorkload sends: LoadSends(sends, index); break;
            case InterruptsWorkload interrupts:
                _machine.LineDevices[interrupts.To][interrupts.Vector].Device.Start(
                    Arrivals(interrupts.Arrivals, 0), new RandomStream(_machine.Seed, $"interrupts/{interrupts.To}/{interrupts.Vector}"), interrupts.Arrivals.StartPs);
                break;
            case ReadsWorkload reads: LoadReads(reads, index); break;
            case NmiWorkload nmi: _ = new NmiSignals(_machine, nmi, Arrivals(nmi.Arrivals, 0), index); break;
            case PollModeWorkload poll: LoadPollMode(poll); break;
            case TaskWorkload task: LoadTask(task); break;
            case SystemVectorWorkload system: _ = new SystemVectorSource(_machine, system); break;
            case BackgroundWorkload background: LoadBackground(background); break;
        }
    }

    private NetDevice Nic(string name) => _machine.NetDevices.First(device => device.Name == name);

    private void LoadPackets(PacketsWorkload spec, int index)
    {
        NetworkController controller = Controller(spec.To);
        string name = $"packets/{index}/{spec.To}";
        int first = controller.AddFlows(FlowMaker.Make(spec.Flows, new RandomStream(_machine.Seed, name + "/keys"), spec.Vlan));
        int frameBytes = FlowMaker.FrameBytes(spec.SizeBytes, spec.Vlan);
        if (spec.App is not null || _machine.NetDevices.Any(device => device.Name == spec.To))
        {
            NetDevice? outgoing = spec.Forward is { } forward ? Nic(forward) : null;
            if (spec.App is null) Nic(spec.To).ForwardFlows(first, spec.Flows, outgoing);
            Bind(Nic(spec.To), spec.App, first, spec.Flows, index, outgoing);
        }
        double lineRate = SimTime.Second / (double)controller.TransmitLink.WirePs(frameBytes);
        controller.Port.Connect(new SyntheticPackets(
            Arrivals(spec.Arrivals, lineRate), _machine.Seed, name, frameBytes, first, spec.Flows, spec.Arrivals.StartPs, spec.Arrivals.StopPs ?? SimTime.Never / 2));
    }

    private void LoadRequests(RequestsWorkload spec, int index)
    {
        NetDevice device = Nic(spec.To);
        string name = $"requests/{index}/{spec.To}";
        FlowKey[] keys = [.. FlowMaker.Make(spec.Clients, new RandomStream(_machine.Seed, name + "/keys"), spec.Vlan)];
        int first = device.Controller.AddFlows(keys);
        Bind(device, spec.App, first, spec.Clients, index, answersAreStreams: spec.AckBytes is not null);
        int firstAck = spec.AckBytes is null ? first : device.Controller.AddFlows(keys);
        device.BindFlows(firstAck, spec.AckBytes is null ? 0 : spec.Clients, []);
        _machine.Clients.Add(new RequestClients(device.Controller, _machine.Events, spec, first, firstAck, NextClientRank, new RandomStream(_machine.Seed, name)));
    }

    private void LoadStreams(StreamsWorkload spec, int index)
    {
        NetDevice device = Nic(spec.To);
        string name = $"streams/{index}/{spec.To}";
        int first = device.Controller.AddFlows(FlowMaker.MakeTcp(spec.Count, new RandomStream(_machine.Seed, name + "/keys"), spec.Vlan));
        device.BindStreams(first, spec.Count);
        _machine.Streams.Add(new BulkStreams(device.Controller, _machine.Events, spec, first, NextClientRank, new RandomStream(_machine.Seed, name)));
    }

    private void LoadSends(SendsWorkload spec, int index)
    {
        NetDevice device = Nic(spec.From);
        FlowKey[] keys = [.. FlowMaker.Make(spec.Cpus.Count, new RandomStream(_machine.Seed, $"sends/{index}/keys"))];
        NetDevice receiver = spec.To is { } to ? Nic(to) : device.Peer!;
        int[] flows = spec.To is null ? [.. keys.Select(key => device.FlowOf(key))] : [.. Enumerable.Range(receiver.Controller.AddSwitchedFlows(keys), keys.Length)];
        for (int i = 0; i < flows.Length; i++)
        {
            int cpu = spec.Cpus[i];
            var task = new SenderTask(_machine.Kernel, device, $"send{index}-{i}", CpuMask.Of(cpu), flows[i], spec.SizeBytes, spec.WorkPs, spec.Count);
            _machine.Kernel.AddTask(task, _machine.Kernel.Cpus[cpu]);
            _machine.Kernel.Wake(task, _machine.Kernel.Cpus[cpu], 0);
        }
        // Both ends number flows in the order they are made known.
        Bind(receiver, spec.App, spec.To is null ? device.FlowAtPeer(flows[0]) : flows[0], flows.Length, index);
    }

    /// <summary>What a person would type, but for waiting until it is over.</summary>
    private void LoadPktgen(PktgenWorkload spec)
    {
        const string folder = "/proc/net/pktgen/";
        const int firstPort = 9, checkSequenceBytes = 4;
        if (_machine.Kernel.Modules.Find(PktgenModule.ModuleName) is null) _machine.Kernel.Modules.Insert(PktgenModule.ModuleName);
        _machine.Write($"{folder}kpktgend_{spec.Cpu}", $"add_device {spec.From}");
        string[] parameters =
        [
            $"count {spec.Count}", $"delay {spec.DelayPs / SimTime.Nanosecond}", $"pkt_size {spec.SizeBytes - checkSequenceBytes}", $"clone_skb {spec.CloneSkb}", $"burst {spec.Burst}",
            $"udp_src_min {firstPort}", $"udp_src_max {firstPort + (spec.Flows == 1 ? 0 : spec.Flows)}",
        ];
        foreach (string parameter in parameters) _machine.Write(folder + spec.From, parameter);
        ((PktgenModule)_machine.Kernel.Modules.Find(PktgenModule.ModuleName)!).Start();
    }

    /// <summary>A client has two events, a stream one.</summary>
    private int NextClientRank => FirstClientRank + 2 * _machine.Clients.Sum(clients => clients.Count) + _machine.Streams.Sum(streams => streams.Count);

    private void LoadPcap(PcapWorkload spec, int index)
    {
        NetDevice device = Nic(spec.To);
        Recording recording;
        try
        {
            using FileStream stream = File.OpenRead(spec.FilePath);
            recording = Recording.Read(stream);
        }
        catch (CaptureException bad)
        {
            throw new TuningException($"{spec.FilePath}: {bad.Message}");
        }
        if (recording.Cut is { } cut && !spec.UseCut)
            throw new TuningException($"{spec.FilePath}: {cut}; write 'cut: use' in the workload at {_scenario.Path}:{spec.At.Line} to replay them");
        int first = device.Controller.AddFlows(recording.Flows);
        Bind(device, spec.App, first, recording.Flows.Count, index);
        device.Controller.Port.Connect(new ReplayedPackets(recording, first, spec.SpeedPpm));
    }

    private void Bind(NetDevice device, AppSpec? app, int firstFlow, int flows, int index, NetDevice? outgoing = null, bool answersAreStreams = false)
    {
        var receivers = new List<ReceiverTask>();
        int[]? replies = app is { ReplyBytes: { } least, ReplyScaleBytes: > 0 } ? ReplySizes(app, least, flows, index) : null;
        for (int i = 0; i < (app?.Threads ?? 0); i++)
        {
            int cpu = app!.Cpus[i % app.Cpus.Count];
            var receiver = new ReceiverTask(
                _machine.Kernel, device, $"app{index}-{i}", Allowed(app.Roams, app.Cpus, cpu), app.SocketDatagrams, app.WorkPs ?? _machine.Kernel.Costs.AppWork, app.ReplyBytes ?? 0)
            {
                IsUserTask = true,
                Policy = app.Policy.Policy,
                RtPriority = app.Policy.Priority,
                Nice = app.Policy.Nice,
                DeadlineParameters = app.Policy.Promised,
                ForwardTo = outgoing,
                AnswersAreStreams = answersAreStreams,
                ReplySizes = replies,
                FirstReplyFlow = firstFlow,
                Wait = new SocketWait(_machine.Kernel, app.Wait),
            };
            _machine.Kernel.AddTask(receiver, _machine.Kernel.Cpus[cpu]);
            receivers.Add(receiver);
        }
        device.Receivers.AddRange(receivers);
        device.BindFlows(firstFlow, flows, receivers);
        if (app?.Spread == AppSpread.Cpu) device.BindByCpu(receivers);
        if (app?.Spread == AppSpread.Napi) device.BindByQueue(firstFlow, flows, receivers);
    }

    private static CpuMask Allowed(bool roams, IReadOnlyList<int> cpus, int cpu) => roams ? CpuMask.Of([.. cpus]) : CpuMask.Of(cpu);

    private int[] ReplySizes(AppSpec app, int least, int flows, int index)
    {
        var random = new RandomStream(_machine.Seed, $"replies/{index}");
        var sizes = new int[flows];
        for (int i = 0; i < flows; i++)
        {
            double more = app.ReplyScaleBytes / app.ReplyShape * (Portable.Exp(app.ReplyShape * random.NextExponential()) - 1);
            sizes[i] = (int)Math.Min(least + more, Math.Max(least, AppSpec.LongestDrawnReply));
        }
        return sizes;
    }

    /// <summary>A processor's own tick interrupts it while it is busy; the rest of the timer interrupts seen wake the background task.</summary>
    private void LoadBackground(BackgroundWorkload spec)
    {
        double busy = spec.User + spec.System;
        double wakes = Math.Max(1, spec.TimerPerSecond - busy * _machine.Kernel.Hz);
        var task = new BackgroundTask(_machine.Kernel, spec.Cpu, spec.User, spec.System, wakes, new RandomStream(_machine.Seed, $"background/{spec.Cpu}"));
        _machine.Kernel.AddTask(task, _machine.Kernel.Cpus[spec.Cpu]);
        task.Start(0);
    }

    private void LoadReads(ReadsWorkload spec, int index)
    {
        // The disks are in the order of the devices that are read from.
        string[] read = [.. _scenario.Devices.Select(device => device.Name).Where(name => _scenario.Workloads.OfType<ReadsWorkload>().Any(reads => reads.To == name))];
        BlockDevice disk = _machine.Kernel.BlockDevices[Array.IndexOf(read, spec.To)];
        for (int i = 0; i < spec.Threads; i++)
        {
            int cpu = spec.Cpus[i % spec.Cpus.Count];
            var task = new ReaderTask(_machine.Kernel, disk, spec.Name, CpuMask.Of(cpu), spec.LatencyPs, spec.ThinkPs, new RandomStream(_machine.Seed, $"reads/{index}/{i}"))
            {
                Policy = spec.Policy.Policy,
                RtPriority = spec.Policy.Priority,
                Nice = spec.Policy.Nice,
                DeadlineParameters = spec.Policy.Promised,
            };
            _machine.Readers.Add(task);
            _machine.Kernel.AddTask(task, _machine.Kernel.Cpus[cpu]);
            _machine.Kernel.Wake(task, _machine.Kernel.Cpus[cpu], 0);
        }
    }

    private void LoadTask(TaskWorkload spec)
    {
        const long period = 10 * SimTime.Millisecond;
        long computePs = spec.BusyPpm is { } ppm ? period / 1_000_000 * ppm : spec.ComputePs!.Value;
        long sleepPs = spec.BusyPpm is not null ? period - computePs : spec.SleepPs!.Value;
        var load = new TaskLoad(spec.Name, sleepPs > 0 ? new TimerLatency() : null);
        _machine.TaskLoads.Add(load);
        foreach (int cpu in spec.Cpus)
        {
            CpuMask cpus = Allowed(spec.Roams, spec.Cpus, cpu);
            var task = new PeriodicTask(_machine.Kernel, spec.Name, cpus, computePs, sleepPs, spec.Class == TaskTimeClass.User ? CpuClass.User : CpuClass.System)
            {
                Policy = spec.Policy.Policy,
                RtPriority = spec.Policy.Priority,
                Nice = spec.Policy.Nice,
                DeadlineParameters = spec.Policy.Promised,
                Section = spec.Disables,
                Latency = load.Latency,
            };
            load.Tasks.Add(task);
            _machine.Kernel.AddTask(task, _machine.Kernel.Cpus[cpu]);
            _machine.Kernel.Wake(task, _machine.Kernel.Cpus[cpu], 0);
        }
    }
}
