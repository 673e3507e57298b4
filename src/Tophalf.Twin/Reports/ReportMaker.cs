using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Drivers;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Networking.PollMode;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Twin.Reports;

/// <summary>Reads a machine's counters into a report.</summary>
internal static class ReportMaker
{
    public static RunReport Make(TwinMachine machine, string tuningOutput, double wallS)
    {
        Kernel.Kernel kernel = machine.Kernel;
        return new RunReport
        {
            Scenario = machine.Scenario.Path,
            Seed = machine.Seed,
            SimulatedS = machine.Events.NowPs / (double)SimTime.Second,
            WallS = wallS,
            Costs = machine.Costs.Name,
            Interrupts = [.. kernel.Irqs.All.Where(desc => desc.Actions.Count > 0).Select(desc => Line(machine, desc))],
            SystemVectors =
            [
                .. Enum.GetValues<ArchInterrupt>()
                    .Select(row => new SystemVectorReport(row.ToString(), [.. kernel.Cpus.Select(cpu => (long)cpu.Counts[row])]))
                    .Where(row => row.PerCpu.Any(count => count > 0)),
            ],
            Cpus = [.. kernel.Cpus.Select(Processor)],
            Devices =
            [
                .. machine.NetDevices.Select(Network),
                .. machine.PollModePorts.Select(Polled),
                .. machine.SerialPorts.Select(Serial),
                .. machine.LineDevices.Select(pair => Lines(pair.Key, pair.Value)),
            ],
            Tasks = [.. machine.TaskLoads.Select(load => DelayReports.Of(load, machine.Events.NowPs))],
            Clients =
            [
                .. machine.Clients.Select(clients => new ClientsReport(
                    clients.To, clients.Count, clients.Requests, clients.Answers, clients.Repeats, clients.LateAnswers, LatencyReport.Of(clients.Latency))),
            ],
            Streams =
            [
                .. machine.Streams.Select(streams => new StreamsReport(
                    streams.To, streams.Count, streams.Segments, streams.Acknowledged, streams.Acknowledged * streams.SegmentBytes, streams.Acks, streams.Timeouts)),
            ],
            Sockets =
            [
                .. machine.NetDevices.SelectMany(device => device.Sockets).Select(socket => new SocketReport(
                    socket.DeviceName, socket.Queue, socket.IsZeroCopy, socket.TxPackets, socket.RxDropped, socket.RxRingFull, socket.FillRingEmpty, socket.TxRingEmpty,
                    socket.Task.ReceiveCalls, socket.Task.SendCalls, socket.Task.PollCalls)),
            ],
            WakeupLatency = LatencyReport.Of(kernel.Delays.WakeupPs),
            InterruptLatency = LatencyReport.Of(kernel.Delays.InterruptPs),
            Delays = DelayReports.Of(kernel.Delays),
            Hops = kernel.Trace?.Hops ?? [],
            Followed = kernel.Trace?.Summary,
            Log = kernel.Dmesg,
            TuningOutput = tuningOutput,
        };
    }

    private static InterruptReport Line(TwinMachine machine, IrqDesc desc) => new(
        desc.Irq,
        string.Join(", ", desc.Actions.Select(action => action.Name)),
        machine.DeviceOf(desc),
        desc.Chip.Name,
        desc.FlowName,
        desc.Affinity.ToList(),
        desc.Effective.ToList(),
        [.. machine.Kernel.Cpus.Select(cpu => (long)desc.CountOn(cpu.Id))]);

    private static CpuReport Processor(Cpu cpu)
    {
        double Percent(CpuClass cls) => 100.0 * cpu.Time[cls] / Math.Max(1, cpu.Time.TotalPs);
        return new CpuReport
        {
            Cpu = cpu.Id,
            UserPct = Percent(CpuClass.User),
            NicePct = Percent(CpuClass.Nice),
            SystemPct = Percent(CpuClass.System),
            HardirqPct = Percent(CpuClass.Irq),
            SoftirqPct = Percent(CpuClass.Softirq),
            IowaitPct = Percent(CpuClass.IoWait),
            StealPct = Percent(CpuClass.Steal),
            IdlePct = Percent(CpuClass.Idle),
            KsoftirqdPct = 100.0 * cpu.Softirqs.Ksoftirqd.RuntimePs / Math.Max(1, cpu.Time.TotalPs),
            SoftnetProcessed = cpu.Softnet.Processed,
            TimeSqueeze = cpu.Softnet.TimeSqueeze,
        };
    }

    private static DeviceReport Network(NetDevice device) => new()
    {
        Name = device.Name,
        Model = device.Model.Name,
        Offered = device.Model.IsVirtual ? device.Offered : device.Controller.Vectors.Sum(vector => vector.Rx.Arrived),
        RxPackets = device.RxTaken,
        RxDropped = device.RxDropped,
        Discarded = device.Controller.Port.Discarded,
        SocketDropped = device.SocketDropped,
        Delivered = device.Delivered,
        XdpDropped = device.XdpDropped,
        XdpReturned = device.XdpReturned,
        XdpRedirected = device.XdpRedirected,
        RedirectLost = device.RedirectLost,
        Waiting = device.Controller.Vectors.Sum(vector => vector.Rx.Count) + device.Receivers.Sum(receiver => receiver.Socket.Count) + device.InGro,
        TxPackets = device.TxSent,
        StreamPieces = device.StreamPieces,
        StreamSegments = device.StreamSegments,
        Interrupts = device.Raised,
        Latency = LatencyReport.Of(device.Latency),
        LatencyBuckets = Buckets(device.Latency),
        Queues = device.Model.IsVirtual ? [] : [.. Enumerable.Range(0, device.Controller.Queues).Select(queue => Queue(device, queue))],
    };

    private static DeviceReport Polled(PollModePort port) => new()
    {
        Name = port.Name,
        Model = port.Model.Name,
        Offered = port.Controller.Vectors.Sum(vector => vector.Rx.Arrived),
        RxPackets = port.RxTaken,
        RxDropped = port.RxDropped,
        Discarded = port.Controller.Port.Discarded,
        Delivered = port.Dropped + port.Forwarded,
        Waiting = port.Controller.Vectors.Sum(vector => vector.Rx.Count),
        TxPackets = port.TxSent,
        Interrupts = port.Raised,
        Latency = LatencyReport.Of(port.Latency),
        LatencyBuckets = Buckets(port.Latency),
    };

    private static QueueReport Queue(NetDevice device, int queue)
    {
        QueueVector vector = device.Controller.Vectors[queue];
        IrqDesc line = device.LineOf(queue);
        return new QueueReport(queue, line.Irq, line.Cpu, vector.Rx.Taken, vector.Rx.Dropped, vector.Raised, device.Napis[queue].Polls);
    }

    private static DeviceReport Serial(Serial8250 port) => new()
    {
        Name = port.Name,
        Model = "uart",
        Offered = port.Uart.Received,
        RxPackets = port.Characters,
        RxDropped = port.Uart.Lost,
        Delivered = port.Characters,
        Waiting = port.Uart.Waiting,
        Interrupts = port.Uart.Raised,
        Latency = LatencyReport.Of(port.Latency),
        LatencyBuckets = Buckets(port.Latency),
    };

    private static DeviceReport Lines(string name, List<LineDriver> drivers)
    {
        var latency = new Histogram();
        foreach (LineDriver driver in drivers) latency.Add(driver.Latency);
        return new DeviceReport
        {
            Name = name,
            Model = "line",
            Interrupts = drivers.Sum(driver => driver.Device.Raised),
            Latency = LatencyReport.Of(latency),
            LatencyBuckets = Buckets(latency),
        };
    }

    /// <summary>Powers of two of a microsecond, from the first to the last that has anything in it.</summary>
    private static IReadOnlyList<LatencyBucket> Buckets(Histogram histogram)
    {
        var counts = new SortedDictionary<int, long>();
        foreach (var (fromPs, toPs, count) in histogram.Buckets)
        {
            if (count == 0) continue;
            int exponent = Math.Max(0, long.Log2(Math.Max(1, fromPs / (SimTime.Microsecond / 8))) is var log ? (int)log : 0);
            counts[exponent] = counts.GetValueOrDefault(exponent) + count;
        }
        if (counts.Count == 0) return [];
        var buckets = new List<LatencyBucket>();
        for (int exponent = counts.First().Key; exponent <= counts.Last().Key; exponent++)
        {
            double fromUs = exponent == 0 ? 0 : (1L << exponent) / 8.0;
            buckets.Add(new LatencyBucket(fromUs, (1L << (exponent + 1)) / 8.0, counts.GetValueOrDefault(exponent)));
        }
        return buckets;
    }
}
