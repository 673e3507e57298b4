using Tophalf.Hardware.Devices;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Networking;

/// <summary>
/// One end of a veth pair (drivers/net/veth.c): no hardware, so what one end sends the other receives in the sender's own time. It goes into this processor's backlog by
/// netif_rx(), or, where the receiving end merges and the sending one does not leave large segments whole, into a ring that the receiving end's NAPI polls.
/// </summary>
public sealed partial class NetDevice
{
    private long _virtuallySent, _virtuallySentBytes, _virtuallyTaken;

    /// <summary>Frames that came to this device, whether or not it found room for them.</summary>
    public long Offered => _controller.Port.Offered + _virtuallyTaken;

    /// <summary>veth_xmit(), with bottom halves disabled. It never tells the sender of a loss.</summary>
    private void VethXmit(Cpu cpu, in Packet frame)
    {
        NetDevice peer = Peer!;
        _virtuallySent++;
        _virtuallySentBytes += frame.Bytes;
        var arriving = new Packet(frame.AtPs, frame.Bytes, _flowAtPeer[frame.Flow]);
        if (!peer._napis[0].IsEnabled || IsLeavingSegmentsWhole)
        {
            peer.NetifRx(arriving, cpu, frame.AtPs);
            return;
        }
        peer._controller.Port.Arrive(arriving);
        peer._napis[0].Schedule(cpu, frame.AtPs);
    }

    /// <summary>veth_skb_is_eligible_for_gro(): packets of a device that segments need no merging.</summary>
    private bool IsLeavingSegmentsWhole => _features["tx-tcp-segmentation"] || _features["tx-tcp6-segmentation"] || _features["tx-tcp-mangleid-segmentation"];

    /// <summary>netif_rx() by code that is no poll: into the backlog of the processor that RPS says, else of this one.</summary>
    private void NetifRx(in Packet packet, Cpu cpu, long nowPs)
    {
        RxBytes += packet.Bytes;
        _virtuallyTaken++;
        Steer(new SkBuff(packet, Segments: 1), 0, cpu, nowPs, otherwise: cpu);
        // napi_schedule_rps(): outside net_rx_action somebody has to see to the interrupt for the other processor.
        if (cpu.Softnet.WantsIpis && !cpu.Softnet.InNetRxAction) cpu.Softirqs.Raise(SoftirqVector.NET_RX, nowPs);
    }

    /// <summary>veth_napi_enable() and veth_napi_del(): its NAPI is there while GRO is on.</summary>
    private void FollowGro()
    {
        bool isOn = _features["rx-gro"];
        if (isOn == _napis[0].IsEnabled) return;
        if (isOn) _napis[0].Enable(_kernel.Events.NowPs);
        else _napis[0].Disable();
    }
}
