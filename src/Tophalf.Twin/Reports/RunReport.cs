using Tophalf.Hardware;
using Tophalf.Simulation;

namespace Tophalf.Twin.Reports;

/// <summary>What one run of a twin showed. A plain value: tables, JSON and findings are made from it, and two of them can be compared.</summary>
public sealed record RunReport
{
    /// <summary>Path of the scenario, or "this host".</summary>
    public required string Scenario { get; init; }

    public required ulong Seed { get; init; }
    public required double SimulatedS { get; init; }

    /// <summary>Seconds the simulation took; the only value that differs between two runs of one scenario and seed.</summary>
    public required double WallS { get; init; }

    /// <summary>Name of the cost set.</summary>
    public required string Costs { get; init; }

    /// <summary>Device lines by interrupt number.</summary>
    public required IReadOnlyList<InterruptReport> Interrupts { get; init; }

    /// <summary>Interrupts without a descriptor: LOC, RES, CAL … Rows that stayed at zero everywhere are left out.</summary>
    public required IReadOnlyList<SystemVectorReport> SystemVectors { get; init; }

    public required IReadOnlyList<CpuReport> Cpus { get; init; }
    public required IReadOnlyList<DeviceReport> Devices { get; init; }

    /// <summary>The scenario's own tasks.</summary>
    public IReadOnlyList<TaskReport> Tasks { get; init; } = [];

    /// <summary>The scenario's clients that wait for answers.</summary>
    public IReadOnlyList<ClientsReport> Clients { get; init; } = [];

    /// <summary>The scenario's TCP streams.</summary>
    public IReadOnlyList<StreamsReport> Streams { get; init; } = [];
    public IReadOnlyList<SocketReport> Sockets { get; init; } = [];

    /// <summary>From waking a task to its first instruction, all of them, and from an interrupt's request to the kernel's entry code.</summary>
    public LatencyReport WakeupLatency { get; init; } = LatencyReport.None;
    public LatencyReport InterruptLatency { get; init; } = LatencyReport.None;

    /// <summary>The longest of these, worst first, wake-ups before interrupts, with where the time went.</summary>
    public IReadOnlyList<DelayReport> Delays { get; init; } = [];

    /// <summary>The followed interrupt; empty when none was asked for or none came.</summary>
    public IReadOnlyList<Hop> Hops { get; init; } = [];

    /// <summary>When the followed interrupt was raised and when kernel and driver began with it.</summary>
    public HopSummary? Followed { get; init; }

    /// <summary>The kernel's log (dmesg).</summary>
    public IReadOnlyList<string> Log { get; init; } = [];

    /// <summary>Output and errors of the tuning commands.</summary>
    public string TuningOutput { get; init; } = "";

    /// <summary>The card the streams go to.</summary>
    public DeviceReport DeviceOf(StreamsReport streams) => Devices.First(device => device.Name == streams.Device);
}

/// <summary>One device line: counts per CPU over the run.</summary>
public sealed record InterruptReport(int Irq, string Name, string Device, string Chip, string Flow, string Affinity, string EffectiveAffinity, IReadOnlyList<long> PerCpu)
{
    public long Total => PerCpu.Sum();
}

/// <summary>One summary row of /proc/interrupts.</summary>
public sealed record SystemVectorReport(string Name, IReadOnlyList<long> PerCpu);

/// <summary>Where one CPU's time went, in percent of the run; the classes of /proc/stat.</summary>
public sealed record CpuReport
{
    public required int Cpu { get; init; }
    public required double UserPct { get; init; }
    public required double NicePct { get; init; }
    public required double SystemPct { get; init; }
    public required double HardirqPct { get; init; }
    public required double SoftirqPct { get; init; }
    public required double IowaitPct { get; init; }
    public required double StealPct { get; init; }
    public required double IdlePct { get; init; }

    /// <summary>Part of <see cref="SoftirqPct"/> that ran in ksoftirqd.</summary>
    public required double KsoftirqdPct { get; init; }

    /// <summary>Packets that left this CPU's softirq, and times net_rx_action ran out of budget or time.</summary>
    public required long SoftnetProcessed { get; init; }
    public required long TimeSqueeze { get; init; }
}

/// <summary>Latencies in microseconds; zero when nothing was measured.</summary>
public sealed record LatencyReport(double P50, double P99, double P999, double Max, double Mean, long Count)
{
    public static LatencyReport Of(Histogram histogram) => new(
        Us(histogram.Quantile(0.5)), Us(histogram.Quantile(0.99)), Us(histogram.Quantile(0.999)), Us(histogram.Max), histogram.Mean / SimTime.Microsecond, histogram.Count);

    public static LatencyReport None { get; } = new(0, 0, 0, 0, 0, 0);

    private static double Us(long ps) => ps / (double)SimTime.Microsecond;
}

/// <summary>One device. Packets counts are zero for devices that are none.</summary>
public sealed record DeviceReport
{
    public required string Name { get; init; }

    /// <summary>ixgbe, uart, line …</summary>
    public required string Model { get; init; }

    /// <summary>Packets (characters, for a serial port) that reached the device's queues, drops included.</summary>
    public long Offered { get; init; }

    /// <summary>Packets the driver took out of its rings.</summary>
    public long RxPackets { get; init; }

    /// <summary>Packets that found no free descriptor.</summary>
    public long RxDropped { get; init; }

    /// <summary>Packets that never reached a queue, because the card's bus was busy and its packet buffer full.</summary>
    public long Discarded { get; init; }

    /// <summary>Packets that found the receiving task's socket full.</summary>
    public long SocketDropped { get; init; }

    /// <summary>Packets that reached their task, or the end of the stack where no task wants them.</summary>
    public long Delivered { get; init; }

    /// <summary>Packets that an XDP program dropped, and those it sent back.</summary>
    public long XdpDropped { get; init; }
    public long XdpReturned { get; init; }

    /// <summary>Packets that a map took from a program, and those of them that found no room further on.</summary>
    public long XdpRedirected { get; init; }
    public long RedirectLost { get; init; }

    /// <summary>Packets in rings and sockets when the run ended.</summary>
    public long Waiting { get; init; }

    public long TxPackets { get; init; }

    /// <summary>Pieces of TCP streams that reached TCP, each a segment or what GRO made of several, and the segments that it took for new.</summary>
    public long StreamPieces { get; init; }
    public long StreamSegments { get; init; }

    /// <summary>Interrupts the device raised.</summary>
    public required long Interrupts { get; init; }

    /// <summary>From the packet's last bit on the wire to the task that received it; for other devices from raising to the end of the handler.</summary>
    public required LatencyReport Latency { get; init; }

    /// <summary>The buckets behind <see cref="Latency"/>, coarse, for drawing.</summary>
    public IReadOnlyList<LatencyBucket> LatencyBuckets { get; init; } = [];

    public IReadOnlyList<QueueReport> Queues { get; init; } = [];

    /// <summary>Anything came, went or interrupted.</summary>
    public bool IsActive => Interrupts + Offered + TxPackets > 0;
}

/// <summary>Clients of one card that wait for answers.</summary>
/// <param name="Device">The card.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Requests">Different requests they sent.</param>
/// <param name="Answers">Answers they got.</param>
/// <param name="Repeats">Requests sent again for want of an answer.</param>
/// <param name="LateAnswers">Answers nobody waited for any more.</param>
/// <param name="Latency">From the first sending of a request to its answer, network included.</param>
public sealed record ClientsReport(string Device, int Count, long Requests, long Answers, long Repeats, long LateAnswers, LatencyReport Latency);

/// <summary>TCP streams to one card.</summary>
/// <param name="Device">The card.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Segments">Segments they sent, repeated ones included.</param>
/// <param name="Acknowledged">Segments that were acknowledged.</param>
/// <param name="AcknowledgedBytes">Data in these.</param>
/// <param name="Acks">Acknowledgements they got.</param>
/// <param name="Timeouts">Times one went back to what was acknowledged.</param>
public sealed record StreamsReport(string Device, int Count, long Segments, long Acknowledged, long AcknowledgedBytes, long Acks, long Timeouts);

/// <summary>An AF_XDP socket, with the counters of getsockopt(XDP_STATISTICS) and the calls its process made.</summary>
/// <param name="Device">The card.</param>
/// <param name="Queue">Which of its queues.</param>
/// <param name="ZeroCopy">The card receives into the process's memory.</param>
/// <param name="TxPackets">Frames it sent.</param>
/// <param name="RxDropped">Frames that no buffer was there for.</param>
/// <param name="RxRingFull">Frames that found the receive ring full.</param>
/// <param name="RxFillRingEmptyDescs">Times the fill ring was asked for a frame and had none.</param>
/// <param name="TxRingEmptyDescs">Times the transmit ring had none.</param>
/// <param name="ReceiveCalls">Calls of recvfrom.</param>
/// <param name="SendCalls">Calls of sendto.</param>
/// <param name="PollCalls">Calls of poll.</param>
public sealed record SocketReport(
    string Device, int Queue, bool ZeroCopy, long TxPackets, long RxDropped, long RxRingFull, long RxFillRingEmptyDescs, long TxRingEmptyDescs, long ReceiveCalls, long SendCalls, long PollCalls);

/// <summary>Count of latencies from <paramref name="FromUs"/> up to <paramref name="ToUs"/>; each bucket is twice as wide as the one before.</summary>
public sealed record LatencyBucket(double FromUs, double ToUs, long Count);

/// <summary>One receive queue: its interrupt, the CPU that was to get it when the run ended, and what came through.</summary>
public sealed record QueueReport(int Queue, int Irq, int Cpu, long Packets, long Dropped, long Interrupts, long Polls);

/// <summary>Tasks of one entry of the scenario: time on a processor, time waiting for one, and how late their timers were.</summary>
/// <param name="Timer">From the timer's moment to its function in the interrupt.</param>
/// <param name="Thread">From the timer's moment to the task's first instruction.</param>
public sealed record TaskReport(string Name, int Count, double RuntimePct, double WaitingPct, long Wakeups, LatencyReport Timer, LatencyReport Thread);

/// <summary>One delay and its parts, which add up to it.</summary>
/// <param name="Kind">wake-up or interrupt.</param>
/// <param name="Who">The task or the interrupt.</param>
/// <param name="Cpu">Where it ended.</param>
/// <param name="AtUs">When it began.</param>
/// <param name="TotalNs">How long it was.</param>
/// <param name="Parts">Longest first.</param>
public sealed record DelayReport(string Kind, string Who, int Cpu, double AtUs, double TotalNs, IReadOnlyList<DelayPartReport> Parts);

/// <param name="Cause">What the processor did instead, in a few words.</param>
/// <param name="By">Who did; empty for nobody in particular.</param>
/// <param name="Ns">For how long.</param>
public sealed record DelayPartReport(string Cause, string By, double Ns);
