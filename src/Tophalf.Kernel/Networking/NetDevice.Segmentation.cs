using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Networking;

/// <summary>
/// Messages longer than a frame. Of a stream the card cuts what it is handed (TSO), else the kernel does just before the driver (GSO), else TCP sends segment by segment; a datagram is cut by IP
/// into fragments, which no card of the twin does.
/// </summary>
public sealed partial class NetDevice
{
    /// <summary>Messages sent: what the other side waits for.</summary>
    public long TxMessages => _controller.Vectors.Sum(vector => vector.Tx.Messages + (vector.HasXdpTx ? vector.XdpTx.Messages : 0));

    private int FrameBytes => MtuSupport.FrameBytes(Mtu);

    /// <summary>Frames of a message whose length, as one frame, would be that.</summary>
    private int FramesOf(int bytes) => bytes <= FrameBytes ? 1 : (bytes - TcpFrameBytes + FrameBytes - TcpFrameBytes - 1) / (FrameBytes - TcpFrameBytes);

    /// <summary>What cutting costs the sender, besides sending the message as it is.</summary>
    internal long SegmentationPs(int bytes, bool isStream)
    {
        int more = FramesOf(bytes) - 1;
        if (more == 0 || (isStream && IsCutByCard)) return 0;
        return more * (isStream && !_features["tx-generic-segmentation"] ? _kernel.Costs.UdpSend : _kernel.Costs.GsoSegment);
    }

    private bool IsCutByCard => _features["tx-tcp-segmentation"];

    /// <summary>ndo_start_xmit of all that the message becomes. Null where the ring has no room for it.</summary>
    internal long? TransmitMessage(Cpu cpu, in Packet message, bool isStream)
    {
        long? sent = FramesOf(message.Bytes) is var frames and > 1 ? TransmitCut(cpu, message, frames, isStream) : TransmitTagged(cpu, message);
        if (sent is not null) AnsweredByTasks++;
        return sent;
    }

    /// <summary>ndo_start_xmit of one frame, with the tag of its flow.</summary>
    private long? TransmitTagged(Cpu cpu, in Packet frame)
    {
        if (TagBytes(frame.Flow) is var tag and > 0)
        {
            CountTagSent(frame);
            return Transmit(cpu, frame.WithBytes(frame.Bytes + tag));
        }
        return Transmit(cpu, frame);
    }

    private long? TransmitCut(Cpu cpu, in Packet message, int frames, bool isStream)
    {
        int tag = TagBytes(message.Flow);
        if (tag > 0) CountTagSent(message);
        var all = new Packet(message.AtPs, message.Bytes + (frames - 1) * TcpFrameBytes + frames * tag, message.Flow);
        QueueVector vector = TransmitQueueOf(cpu, message.Flow);
        // At the other end of a cable each frame is one for itself.
        long? sent = Peer is null ? vector.Tx.TryPost(all, frames, FrameBytes + tag, isStream && IsCutByCard) : PostEach(vector, all, frames, FrameBytes + tag);
        if (sent is not { } sentPs) return null;
        vector.Reconsider(message.AtPs);
        return sentPs;
    }

    private static long? PostEach(QueueVector vector, in Packet all, int frames, int frameBytes)
    {
        long? sentPs = null;
        for (int i = 0; i < frames; i++)
        {
            int bytes = i < frames - 1 ? frameBytes : all.Bytes - (frames - 1) * frameBytes;
            sentPs = vector.Tx.TryPost(new Packet(all.AtPs, bytes, all.Flow));
        }
        return sentPs;
    }

    private QueueVector TransmitQueueOf(Cpu cpu, int flow) => _controller.Vectors[_transmitQueues.Choose(cpu.Id, _controller.Queues, _controller.HashOf(flow))];
}
