using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Networking;

/// <summary>A router's half of the device: packets that go out of another one, drivers older than NAPI, and input that stops while the way out is full.</summary>
public sealed partial class NetDevice
{
    private NetDevice?[] _outgoing = [];
    private bool _forwards;

    /// <summary>Packets that went out of another device, from the stack or from an application, and those that device had no room for.</summary>
    public long Forwarded { get; private set; }
    public long ForwardDropped { get; private set; }

    /// <summary>Packets that the stack forwarded.</summary>
    public long ForwardedByStack { get; private set; }
    public bool Forwards => _forwards;

    /// <summary>Frames this device sent that answer nobody: others had received them, or a generator made them.</summary>
    public long SentForOthers { get; private set; }

    /// <summary>Input stops while a socket is three quarters full, until it is down to one quarter.</summary>
    public bool HasFeedback { get; init; }

    /// <summary>Flows <paramref name="first"/> … are forwarded by the stack (ip_forward); null: they are not.</summary>
    public void ForwardFlows(int first, int count, NetDevice? outgoing)
    {
        Array.Resize(ref _outgoing, Math.Max(_outgoing.Length, first + count));
        Array.Fill(_outgoing, outgoing, first, count);
        _forwards |= outgoing is not null;
    }

    private NetDevice? OutgoingOf(int flow) => flow < _outgoing.Length ? _outgoing[flow] : null;

    /// <summary>dev_queue_xmit() on the other device. There is no queueing discipline: where its ring is full the packet is lost.</summary>
    internal void SendOn(in Packet packet, NetDevice outgoing, Cpu cpu, long nowPs)
    {
        // The way out has no VLAN.
        Packet sent = _tags is null ? packet : packet.WithBytes(packet.Bytes - TagBytes(packet.Flow));
        if (TrySendOn(sent, outgoing, cpu, nowPs, keepsTag: false) is not null) Forwarded++;
        else ForwardDropped++;
    }

    /// <summary>Returns when the last bit will be on the wire; null where the ring is full.</summary>
    private long? TrySendOn(in Packet packet, NetDevice outgoing, Cpu cpu, long nowPs, bool keepsTag)
    {
        NetworkController controller = outgoing._controller;
        QueueVector vector = controller.Vectors[outgoing._transmitQueues.Choose(cpu.Id, controller.Queues, _controller.HashOf(packet.Flow))];
        if (vector.Tx.TryPost(new Packet(nowPs, packet.Bytes, outgoing.FlowFrom(this, packet.Flow, keepsTag))) is not { } sentPs) return null;
        outgoing.SentForOthers++;
        vector.Reconsider(nowPs);
        return sentPs;
    }

    /// <summary>A frame that answers nobody.</summary>
    public const int NoFlow = -1;

    // ---- before NAPI -----------------------------------------------------------------------------------------------------------

    /// <summary>
    /// The handler of a driver without NAPI (drivers/net/ethernet/amd/lance.c, lance_interrupt): sent frames are cleaned up and all received ones taken here, each into
    /// this processor's backlog (netif_rx), where NET_RX finds them.
    /// </summary>
    private IrqReturn OldHandler(int irq, object? devId)
    {
        Cpu cpu = _kernel.CurrentCpu!;
        var napi = (Napi)devId!;
        QueueVector vector = napi.Vector;
        KernelCosts costs = _kernel.Costs;
        // What comes while the handler runs, ahead of the clock, is the next interrupt's.
        long startPs = cpu.LocalPs;
        cpu.Spend(costs.TopHalf);
        int completed = vector.Tx.Completed(startPs);
        vector.Tx.Clean(completed);
        cpu.Spend(completed * costs.TransmitComplete);
        cpu.Softnet.FreeLater(completed, cpu); // dev_consume_skb_irq
        vector.Rx.Pump(startPs);
        for (int left = vector.Rx.Count; left > 0; left--)
        {
            Packet packet = vector.Rx[0];
            cpu.Spend(costs.ReceiveWithoutGro + costs.RpsEnqueue);
            vector.Rx.Take(startPs);
            RxBytes += packet.Bytes;
            if (cpu.Softnet.Backlog.TryEnqueue(new SkBuff(packet, Segments: 1), this, cpu, cpu, cpu.LocalPs)) InBacklog++;
            else BacklogDropped++;
        }
        napi.ArmSoon(cpu.LocalPs);
        return IrqReturn.Handled;
    }

    // ---- feedback --------------------------------------------------------------------------------------------------------------

    private void HoldIfFull(ReceiverTask receiver, in Packet packet)
    {
        int queue = _controller.QueueOf(packet.Flow);
        if (queue >= 0 && receiver.Socket.Count >= receiver.Socket.Capacity * 3 / 4) _napis[queue].Hold();
    }

    /// <summary>A task has taken something out of its socket.</summary>
    internal void Drained(ReceiverTask receiver, Cpu cpu, long nowPs)
    {
        if (receiver.Socket.Count > receiver.Socket.Capacity / 4) return;
        foreach (Napi napi in _napis) napi.Release(cpu, nowPs);
    }
}
