using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Networking.Xdp;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Networking;

/// <summary>TCP streams: segments go through GRO, and what goes up the stack is acknowledged. Applications that read them are not simulated.</summary>
public sealed partial class NetDevice
{
    /// <summary>Ethernet, IPv4, TCP with time stamps, and the check sequence: a frame without data, as an acknowledgement is; that much longer than its data is every other.</summary>
    public const int TcpFrameBytes = SkBuff.EthernetBytes + 20 + 32;

    private TcpReceiver[] _streams = [];

    /// <summary>Segments that GRO holds, and those it held when their queue was taken down.</summary>
    public long InGro => _napis.Sum(napi => napi.Gro.Segments) + CpuMapThreads.Sum(thread => thread.Gro.Segments);
    public long GroFreed { get; private set; }

    /// <summary>Segments that came to GRO, and those that left it.</summary>
    public long GroReceived => _napis.Sum(napi => napi.Gro.Received) + CpuMapThreads.Sum(thread => thread.Gro.Received);
    public long GroLeft => _napis.Sum(napi => napi.Gro.Left) + CpuMapThreads.Sum(thread => thread.Gro.Left);

    /// <summary>Pieces of streams that reached TCP, what was new in them, in segments, and acknowledgements sent for them.</summary>
    public long StreamPieces { get; private set; }
    public long StreamSegments { get; private set; }
    public long StreamAcks { get; private set; }

    /// <summary>Segments in those pieces, new or not.</summary>
    public long StreamDelivered { get; private set; }

    /// <summary>Streams that were bound.</summary>
    public int StreamCount { get; private set; }

    /// <summary>netif_elide_gro(): a generic XDP program wants each packet as it came.</summary>
    internal bool UsesGro => _mergesSegments && _generic is null;

    /// <summary>Flows <paramref name="first"/> … are TCP streams.</summary>
    public void BindStreams(int first, int count)
    {
        BindFlows(first, count, []);
        StreamCount += count;
        Array.Resize(ref _streams, Math.Max(_streams.Length, first + count));
    }

    /// <summary>What GRO spends on a segment besides looking for its flow, and what comes above for all that goes up because of it.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="gro">Whose GRO it passes.</param>
    /// <param name="queue">By whose rps_cpus it is steered.</param>
    /// <param name="cpu">Who polls.</param>
    /// <param name="merges">It is appended to what is held of its stream.</param>
    internal long SegmentPs(in Packet segment, GroList gro, int queue, Cpu cpu, out bool merges)
    {
        GroList.Result result = gro.Peek(segment, _controller.HashOf(segment.Flow));
        merges = result.Merges;
        long costPs = result.Merges ? _kernel.Costs.GroMerge : 0;
        if (result.Count > 0) costPs += UpPs(result.First, queue, cpu);
        if (result.Count > 1) costPs += UpPs(result.Second, queue, cpu);
        return costPs;
    }

    /// <summary>What comes above GRO: here, or in handing it to another processor.</summary>
    internal long UpPs(in Packet packet, int queue, Cpu cpu) => _steering[queue].IsOn ? _kernel.Costs.RpsEnqueue : _generic is null ? DatagramPs(packet, cpu) : ProtocolPs(new SkBuff(packet, 1), cpu);
    internal long UpPs(in SkBuff skb, int queue, Cpu cpu) => _steering[queue].IsOn ? _kernel.Costs.RpsEnqueue : ProtocolPs(skb, cpu);

    private long StreamPs(in SkBuff skb)
    {
        KernelCosts costs = _kernel.Costs;
        long stackPs = costs.ReceiveInStack;
        if (_tags is not null)
        {
            stackPs += TagPs(skb.Packet.Flow);
            if (IsForNobody(skb.Packet.Flow)) return stackPs;
        }
        if (!MergesSegments) stackPs += ReceiveChecksumPs(skb.Packet.Bytes);
        return stackPs + costs.TcpReceive + (_streams[skb.Packet.Flow].Acknowledges(skb) ? costs.TcpAck + TagSendPs(skb.Packet.Flow) : 0);
    }

    internal void ReceiveSegment(in Packet segment, GroList? gro, int queue, Cpu cpu, long nowPs)
    {
        if (gro is null)
        {
            GoUp(new SkBuff(segment, 1), queue, cpu, nowPs);
            return;
        }
        GroList.Result result = gro.Receive(segment, _controller.HashOf(segment.Flow), _kernel.Jiffies(nowPs));
        if (result.Count > 0) GoUp(result.First, queue, cpu, nowPs);
        if (result.Count > 1) GoUp(result.Second, queue, cpu, nowPs);
    }

    /// <summary>netif_receive_skb(), at the end of its cost.</summary>
    internal void GoUp(in SkBuff skb, int queue, Cpu cpu, long nowPs)
    {
        if (_steering[queue].IsOn)
        {
            Steer(skb, queue, cpu, nowPs);
            return;
        }
        cpu.Softnet.Processed++;
        Deliver(skb, cpu, nowPs);
    }

    /// <summary>The same of a datagram.</summary>
    internal void GoUp(in Packet packet, int queue, Cpu cpu, long nowPs)
    {
        if (_steering[queue].IsOn)
        {
            Steer(new SkBuff(packet, 1), queue, cpu, nowPs);
            return;
        }
        cpu.Softnet.Processed++;
        if (_generic is null) Deliver(packet, cpu, nowPs);
        else Deliver(new SkBuff(packet, 1), cpu, nowPs);
    }

    private void DeliverStream(in SkBuff skb, Cpu cpu, long nowPs)
    {
        if (_tags is not null && !ReceiveTag(skb.Packet, skb.Segments)) return;
        Delivered += skb.Segments;
        StreamDelivered += skb.Segments;
        StreamPieces++;
        Latency.Record(nowPs - skb.Packet.AtPs);
        ref TcpReceiver stream = ref _streams[skb.Packet.Flow];
        bool acknowledges = stream.Receive(skb, out int news);
        StreamSegments += news;
        if (!acknowledges) return;
        var ack = new Packet(nowPs, TcpFrameBytes, skb.Packet.Flow, new TcpSegment(stream.Next, isPushed: false));
        if (TransmitTagged(cpu, ack) is not null) StreamAcks++;
    }

    /// <summary>The segments that a queue held when it was taken down.</summary>
    internal void FreeHeld(GroList gro) => GroFreed += gro.Free();
}
