using Tophalf.Kernel.Networking.Xdp;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Twin.Scenarios;

/// <summary>One load on the machine.</summary>
/// <param name="At">Where its kind is written.</param>
public abstract record WorkloadSpec(SourcePosition At);

/// <summary>Packets that arrive at a network card.</summary>
public sealed record PacketsWorkload(SourcePosition At) : WorkloadSpec(At)
{
    /// <summary>Name of the network card.</summary>
    public required string To { get; init; }

    public required ArrivalSpec Arrivals { get; init; }

    /// <summary>Length of a frame with its check sequence, 64 to 9018 bytes.</summary>
    public int SizeBytes { get; init; } = 64;

    /// <summary>Different pairs of addresses and ports, each equally likely.</summary>
    public int Flows { get; init; } = 64;

    /// <summary>VLAN whose tag the frames have, which makes them longer; 0: none.</summary>
    public int Vlan { get; init; }

    /// <summary>Who receives; null: nobody, the stack drops or forwards the packets.</summary>
    public AppSpec? App { get; init; }

    /// <summary>The card that packets go out of again, from the stack or from the application; null: they end here.</summary>
    public string? Forward { get; init; }
}

/// <summary>Clients that send a request, wait for the answer and ask again.</summary>
public sealed record RequestsWorkload(SourcePosition At) : WorkloadSpec(At)
{
    /// <summary>Name of the network card.</summary>
    public required string To { get; init; }

    /// <summary>How many; each has a flow and one request on its way.</summary>
    public required int Clients { get; init; }

    /// <summary>VLAN whose tag the frames have, which makes them longer; 0: none.</summary>
    public int Vlan { get; init; }

    /// <summary>Length of a request's frame with its check sequence.</summary>
    public int SizeBytes { get; init; } = 64;

    /// <summary>What passes outside the server between an answer's last bit and the next request's first: the network there and back, and the client's machine.</summary>
    public required long DelayPs { get; init; }

    /// <summary>Mean of the time, exponential, that a client thinks besides.</summary>
    public long ThinkPs { get; init; }

    /// <summary>A client that thinks before it asks again acknowledges the answer with a frame of its own, as TCP does; null: it does not.</summary>
    public int? AckBytes { get; init; }

    /// <summary>After which a request is sent again.</summary>
    public required long TimeoutPs { get; init; }

    /// <summary>Virtual time of the beginning.</summary>
    public long StartPs { get; init; }

    /// <summary>Who receives, and answers.</summary>
    public required AppSpec App { get; init; }
}

/// <summary>TCP senders that always have data.</summary>
public sealed record StreamsWorkload(SourcePosition At) : WorkloadSpec(At)
{
    /// <summary>Name of the network card.</summary>
    public required string To { get; init; }

    /// <summary>How many; each has a flow.</summary>
    public required int Count { get; init; }

    /// <summary>VLAN whose tag the frames have, which makes them longer; 0: none.</summary>
    public int Vlan { get; init; }

    /// <summary>Bytes of data in a segment (MSS).</summary>
    public required int SegmentBytes { get; init; }

    /// <summary>Length of a segment's frame with its check sequence.</summary>
    public required int FrameBytes { get; init; }

    /// <summary>Segments that are sent in one go; the last is pushed.</summary>
    public required int TrainSegments { get; init; }

    /// <summary>Segments on their way at most.</summary>
    public required int WindowSegments { get; init; }

    /// <summary>What passes outside the receiver between an acknowledgement's last bit and the next train's first.</summary>
    public required long DelayPs { get; init; }

    /// <summary>Without an acknowledgement of something new for so long, a stream goes back to what was acknowledged.</summary>
    public required long TimeoutPs { get; init; }

    /// <summary>Virtual time of the beginning.</summary>
    public long StartPs { get; init; }
}

/// <summary>An application that polls cards the kernel has given away, a task on each of some CPUs.</summary>
public sealed record PollModeWorkload(SourcePosition At) : WorkloadSpec(At)
{
    /// <summary>Names of the cards, in the order they are polled.</summary>
    public required IReadOnlyList<string> Ports { get; init; }

    /// <summary>The first polls queue 0 of every card, the next queue 1, and so on.</summary>
    public required IReadOnlyList<int> Cpus { get; init; }

    /// <summary>What comes in by one card goes out by the next; else it is thrown away.</summary>
    public bool Forwards { get; init; }

    /// <summary>Frames taken at once, at most.</summary>
    public int Burst { get; init; } = 32;

    /// <summary>Empty bursts in a row after which a task sleeps until a card interrupts; 0: it never does.</summary>
    public int SleepsAfter { get; init; }
}

/// <summary>A process with an AF_XDP socket on a queue of a card.</summary>
public sealed record XskWorkload(SourcePosition At) : WorkloadSpec(At)
{
    /// <summary>Name of the network card.</summary>
    public required string To { get; init; }

    public int Queue { get; init; }

    /// <summary>The CPU its loop runs on.</summary>
    public int Cpu { get; init; }

    public XskBind Bind { get; init; }
    public XskWait Wait { get; init; }

    /// <summary>Frames go out again by the queue they came by; else they are thrown away.</summary>
    public bool Forwards { get; init; }

    /// <summary>It receives nothing and sends frames of its own, of that length with check sequence; 0: it does not.</summary>
    public int OwnBytes { get; init; }

    /// <summary>Frames taken at once, at most.</summary>
    public int Batch { get; init; } = 64;

    /// <summary>Frames of the UMEM, all of them in the fill ring at first.</summary>
    public int Frames { get; init; } = 4096;

    /// <summary>Entries of the receive, transmit and completion ring each.</summary>
    public int Ring { get; init; } = 2048;
}

/// <summary>Recorded packets, replayed to a network card.</summary>
public sealed record PcapWorkload(SourcePosition At) : WorkloadSpec(At)
{
    /// <summary>Name of the network card.</summary>
    public required string To { get; init; }

    /// <summary>Path of the recording, resolved from the folder of the scenario.</summary>
    public required string FilePath { get; init; }

    /// <summary>Speed of the replay in millionths of the recorded one.</summary>
    public long SpeedPpm { get; init; } = 1_000_000;

    /// <summary>Replay the whole packets of a recording that stops in the middle, instead of refusing it.</summary>
    public bool UseCut { get; init; }

    /// <summary>Who receives; null: nobody, the stack drops the packets.</summary>
    public AppSpec? App { get; init; }
}

/// <summary>Characters that arrive at a serial port; the rate counts characters.</summary>
public sealed record UartWorkload(SourcePosition At) : WorkloadSpec(At)
{
    /// <summary>Name of the serial port.</summary>
    public required string To { get; init; }

    public required ArrivalSpec Arrivals { get; init; }
}

/// <summary>Tasks that send datagrams to the other end of a cable, and who receives them there.</summary>
public sealed record SendsWorkload(SourcePosition At) : WorkloadSpec(At)
{
    public required string From { get; init; }

    /// <summary>The function of the same card that gets them; null: the card at the other end of the cable.</summary>
    public string? To { get; init; }

    /// <summary>A task on each, with a flow of its own; ascending.</summary>
    public required IReadOnlyList<int> Cpus { get; init; }

    /// <summary>Datagrams of each task; 0: without end.</summary>
    public int Count { get; init; }

    /// <summary>Frame length with FCS.</summary>
    public int SizeBytes { get; init; }

    /// <summary>What a task computes before each.</summary>
    public long WorkPs { get; init; }

    /// <summary>Null: the stack drops them at the other end.</summary>
    public AppSpec? App { get; init; }
}

/// <summary>The kernel's packet generator on one card (its parameters by other names: docs/scenarios.md).</summary>
public sealed record PktgenWorkload(SourcePosition At) : WorkloadSpec(At)
{
    /// <summary>The card that sends.</summary>
    public required string From { get; init; }

    /// <summary>Whose thread sends.</summary>
    public int Cpu { get; init; }

    /// <summary>Packets; 0: without end.</summary>
    public int Count { get; init; }

    /// <summary>From packet to packet; 0: as fast as it goes.</summary>
    public long DelayPs { get; init; }

    /// <summary>Frame length with FCS.</summary>
    public int SizeBytes { get; init; }

    /// <summary>How often a packet is sent before the next is built; 0: once.</summary>
    public int CloneSkb { get; init; }

    /// <summary>Packets to a doorbell.</summary>
    public int Burst { get; init; } = 1;

    /// <summary>Source ports that take turns.</summary>
    public int Flows { get; init; } = 1;
}

/// <summary>Interrupts that a line device raises.</summary>
public sealed record InterruptsWorkload(SourcePosition At) : WorkloadSpec(At)
{
    /// <summary>Name of the line device.</summary>
    public required string To { get; init; }

    /// <summary>Which of the device's interrupts, from 0.</summary>
    public int Vector { get; init; }

    public required ArrivalSpec Arrivals { get; init; }
}

/// <summary>Threads that read from a disk, one block at a time.</summary>
public sealed record ReadsWorkload(SourcePosition At) : WorkloadSpec(At)
{
    /// <summary>Name of the storage device.</summary>
    public required string To { get; init; }

    /// <summary>At most 15 characters, as in /proc/PID/comm.</summary>
    public required string Name { get; init; }

    public required int Threads { get; init; }

    /// <summary>Ascending; thread after thread is pinned to the next.</summary>
    public required IReadOnlyList<int> Cpus { get; init; }

    /// <summary>What the device takes for a read.</summary>
    public required long LatencyPs { get; init; }

    /// <summary>Mean of the work on a block, exponential.</summary>
    public long ThinkPs { get; init; }

    public PolicySpec Policy { get; init; }
}

/// <summary>Which account the time of a task is booked to.</summary>
public enum TaskTimeClass
{
    User,
    System,
}

/// <summary>Background load: one task pinned to each of some CPUs, that computes and sleeps in turn.</summary>
public sealed record TaskWorkload(SourcePosition At) : WorkloadSpec(At)
{
    /// <summary>At most 15 characters, as in /proc/PID/comm.</summary>
    public required string Name { get; init; }

    /// <summary>Ascending.</summary>
    public required IReadOnlyList<int> Cpus { get; init; }

    /// <summary>Share of time wanted in millionths; null: <see cref="ComputePs"/> and <see cref="SleepPs"/> tell.</summary>
    public int? BusyPpm { get; init; }

    /// <summary>Length of one computation; null where <see cref="BusyPpm"/> is given.</summary>
    public long? ComputePs { get; init; }

    /// <summary>Length of the sleep that follows; null where <see cref="BusyPpm"/> is given.</summary>
    public long? SleepPs { get; init; }

    public PolicySpec Policy { get; init; }
    public TaskTimeClass Class { get; init; }

    /// <summary>Every task may run on all of the CPUs; else each is pinned to one.</summary>
    public bool Roams { get; init; }

    /// <summary>What its computations keep off the processor.</summary>
    public TaskSection Disables { get; init; }
}

/// <summary>What gives the boot processor an NMI, over LINT1.</summary>
public enum NmiSource
{
    /// <summary>A button on the board, or its management controller: nobody can be asked for the reason.</summary>
    Button,

    /// <summary>SERR# of the PCI bus.</summary>
    Serr,

    /// <summary>IOCHK# of an ISA card.</summary>
    IoCheck,
}

/// <summary>NMIs from the board.</summary>
public sealed record NmiWorkload(SourcePosition At) : WorkloadSpec(At)
{
    public NmiSource From { get; init; }
    public required ArrivalSpec Arrivals { get; init; }
}
