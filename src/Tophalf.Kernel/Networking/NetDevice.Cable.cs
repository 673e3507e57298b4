using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Networking;

/// <summary>A device whose cable ends in another of the same machine: what one sends the other receives, and both know the flows of what is sent.</summary>
public sealed partial class NetDevice
{
    /// <summary>QEMU's: its own prefix, and the cards counted from 0x123456 on.</summary>
    private const ulong FirstAddress = 0x5254_0012_3456;

    /// <summary>Flows that senders of this machine may make; what they send beyond is counted to those there are.</summary>
    private const int MostSentFlows = 1 << 16;

    private readonly Dictionary<FlowKey, int> _sentFlows = [];
    private readonly List<int> _sentNumbers = [];

    /// <summary>The number at the other end of each flow; below zero for none.</summary>
    private int[] _flowAtPeer = [];

    /// <summary>The card at the other end of the cable; null where the cable leaves the machine.</summary>
    public NetDevice? Peer { get; private set; }

    /// <summary>dev_addr.</summary>
    public MacAddress Address { get; }

    /// <summary>IFF_TX_SKB_SHARING: a packet may be handed to the driver again before it has gone out.</summary>
    public bool SharesSkbs => !Model.IsVirtual;

    /// <summary>Joins two cards. Nobody else sends to either.</summary>
    public static void Connect(NetDevice one, NetDevice other)
    {
        (one.Peer, other.Peer) = (other, one);
        one._controller.Port.FrameSent += one.Leaves;
        other._controller.Port.FrameSent += other.Leaves;
    }

    /// <summary>The number at the other end of a flow that this machine sends on this card; negative where the cable leaves the machine.</summary>
    public int FlowAtPeer(int flow) => (uint)flow < (uint)_flowAtPeer.Length ? _flowAtPeer[flow] : -1;

    /// <summary>The number of a flow that this machine sends on this card.</summary>
    public int FlowOf(in FlowKey key)
    {
        if (_sentFlows.TryGetValue(key, out int known)) return known;
        if (_sentFlows.Count >= MostSentFlows) return _sentNumbers[(int)((uint)key.GetHashCode() % (uint)_sentNumbers.Count)];
        int flow = _sentFlows[key] = AddFlow(key);
        _sentNumbers.Add(flow);
        if (Peer is { } peer)
        {
            int there = peer.AddFlow(key);
            Join(flow, there);
            peer.Join(there, flow);
        }
        return flow;
    }

    /// <summary>The number here of a flow that came in by <paramref name="from"/> and goes out of this card; <see cref="NoFlow"/> where the cable leaves the machine, and nobody asks.</summary>
    /// <param name="from">The other card, or this one.</param>
    /// <param name="flow">Its number there.</param>
    /// <param name="keepsTag">The frame goes out with the tag it came with.</param>
    internal int FlowFrom(NetDevice from, int flow, bool keepsTag)
    {
        if (Peer is null || flow < 0) return NoFlow;
        if (from == this && FlowAtPeer(flow) >= 0 && (keepsTag || VlanOf(flow) == 0)) return flow;
        FlowKey key = from._controller.Port.Flows[flow];
        return FlowOf(keepsTag ? key : key with { Vlan = 0 });
    }

    private int AddFlow(in FlowKey key)
    {
        int flow = _controller.AddFlows([key]);
        GrowReceivers(flow + 1);
        NoteTags(flow, 1);
        return flow;
    }

    private void Join(int flow, int atPeer)
    {
        int before = _flowAtPeer.Length;
        if (flow >= before) Array.Resize(ref _flowAtPeer, Math.Max(flow + 1, 2 * before));
        for (int i = before; i < _flowAtPeer.Length; i++) _flowAtPeer[i] = -1;
        _flowAtPeer[flow] = atPeer;
    }

    /// <summary>A frame goes onto the cable.</summary>
    private void Leaves(Packet frame)
    {
        int flow = FlowAtPeer(frame.Flow);
        if (flow >= 0) Peer!._controller.Port.Arrive(new Packet(frame.AtPs, frame.Bytes, flow));
    }

    /// <summary>ndo_start_xmit of one frame so many times, with one doorbell, on a queue that has room for all.</summary>
    internal void Post(Cpu cpu, int queue, in Packet frame, int times)
    {
        if (Model.IsVirtual)
        {
            for (int i = 0; i < times; i++) VethXmit(cpu, frame);
            return;
        }
        QueueVector vector = _controller.Vectors[queue];
        for (int i = 0; i < times; i++) vector.Tx.TryPost(frame);
        SentForOthers += times;
        vector.Reconsider(frame.AtPs);
    }

    /// <summary>dev_queue_xmit() of a frame that answers nobody. There is no queueing discipline: false where the ring is full, and the frame lost.</summary>
    internal bool TryPost(Cpu cpu, in Packet frame)
    {
        if (Model.IsVirtual)
        {
            VethXmit(cpu, frame);
            return true;
        }
        if (Transmit(cpu, frame) is null) return false;
        SentForOthers++;
        return true;
    }
}
