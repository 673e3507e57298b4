using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Networking.Xdp;

/// <summary>
/// A ring of a card for frames that XDP sends. Descriptors are written one by one; the card hears of them when the doorbell is rung, at the end of a poll (XDP_XMIT_FLUSH).
/// </summary>
internal sealed class XdpTransmitQueue(NetDevice device, QueueVector vector)
{
    private readonly Queue<(Packet Packet, NetDevice From)> _written = new();

    // Of each frame the card has: the socket that hears when it is out; null for a redirected one.
    private readonly Queue<XskSocket?> _posted = new();

    /// <summary>Descriptors written that the card has not been told of.</summary>
    public int Written => _written.Count;

    /// <summary>False where the ring is full.</summary>
    public bool TryWrite(in Packet packet, NetDevice from)
    {
        if (vector.XdpTx.Waiting + _written.Count >= vector.XdpTx.RingSize) return false;
        _written.Enqueue((packet, from));
        return true;
    }

    /// <summary>Returns how many frames the card has now got.</summary>
    public int RingDoorbell(long nowPs)
    {
        int posted = 0;
        while (_written.TryDequeue(out (Packet Packet, NetDevice From) frame))
        {
            // A ring that was made smaller since has lost what no longer fits.
            if (vector.XdpTx.TryPost(new Packet(nowPs, frame.Packet.Bytes, device.FlowFrom(frame.From, frame.Packet.Flow, keepsTag: !frame.From.TakesTagsOut))) is { } sentPs)
            {
                frame.From.RedirectSent(frame.Packet, sentPs);
                _posted.Enqueue(null);
                posted++;
            }
            else frame.From.RedirectLeft(sent: -1, lost: 1);
        }
        if (posted > 0) vector.Reconsider(nowPs);
        return posted;
    }

    /// <summary>Frames of a socket, the oldest first, as many as there is room for; the doorbell is rung for them. Returns how many.</summary>
    public int Send(XskSocket socket, PacketFifo frames, int most, long nowPs)
    {
        int sent = 0;
        for (; sent < most && vector.XdpTx.Waiting + _written.Count < vector.XdpTx.RingSize; sent++, frames.Pop())
        {
            if (vector.XdpTx.TryPost(new Packet(nowPs, frames[0].Bytes, device.FlowFrom(device, frames[0].Flow, keepsTag: !device.TakesTagsOut))) is not { } sentPs) break;
            socket.Device.RedirectSent(frames[0], sentPs);
            _posted.Enqueue(socket);
        }
        if (sent > 0) vector.Reconsider(nowPs);
        return sent;
    }

    /// <summary>The driver has taken back the descriptors of so many frames that are out.</summary>
    public void Cleaned(int frames, Cpu cpu, long nowPs)
    {
        XskSocket? owner = null;
        int count = 0;
        for (; frames > 0; frames--)
        {
            if (_posted.Dequeue() is not { } socket) continue;
            owner = socket;
            count++;
        }
        owner?.Complete(count, cpu, nowPs);
    }
}
