using Tophalf.Hardware.Devices;
using Tophalf.Simulation;
using Tophalf.Twin.Captures;

namespace Tophalf.Twin.Workloads;

/// <summary>
/// A recording, in memory: when each packet came, how long it was, which flow it belonged to. Packets without a flow (ARP and the like) share one
/// that hashes to nothing, as controllers put them on their first queue.
/// </summary>
public sealed class Recording
{
    private const int MaxPackets = 50_000_000, FcsBytes = 4, MinFrame = 64;

    private readonly List<Packet> _packets = [];
    private readonly Dictionary<FlowKey, int> _numbers = [];

    private Recording()
    {
    }

    public IReadOnlyList<Packet> Packets => _packets;
    public IReadOnlyCollection<FlowKey> Flows => _numbers.Keys;

    /// <summary>Set when the file stops in the middle.</summary>
    public CaptureCut? Cut { get; private set; }

    /// <summary>Reads a pcap or pcapng stream to its end. Throws <see cref="CaptureException"/>.</summary>
    public static Recording Read(Stream stream)
    {
        var recording = new Recording();
        var reader = new CaptureReader(stream);
        while (reader.TryRead(out CapturedPacket packet))
        {
            if (recording._packets.Count == MaxPackets) throw new CaptureException(0, $"more than {MaxPackets} packets", "cut the file with editcap -c");
            FlowKey flow = packet.HasFlow ? packet.Flow : default;
            if (!recording._numbers.TryGetValue(flow, out int number)) recording._numbers.Add(flow, number = recording._numbers.Count);
            recording._packets.Add(new Packet(packet.TimePs, Math.Max(MinFrame, packet.OriginalLength + FcsBytes), number));
        }
        recording.Cut = reader.Truncated;
        return recording;
    }
}

/// <summary>Sends a recording once, faster or slower than it was recorded.</summary>
public sealed class ReplayedPackets(Recording recording, int firstFlow, long speedPpm) : IPacketSource
{
    private int _next;

    public int Read(Span<Packet> frames)
    {
        for (int i = 0; i < frames.Length; i++, _next++)
        {
            if (_next >= recording.Packets.Count) return i;
            Packet packet = recording.Packets[_next];
            long atPs = speedPpm == 1_000_000 ? packet.AtPs : (long)((Int128)packet.AtPs * 1_000_000 / speedPpm);
            if (atPs >= SimTime.Never / 2) return i;
            frames[i] = new Packet(atPs, packet.Bytes, firstFlow + packet.Flow);
        }
        return frames.Length;
    }
}
