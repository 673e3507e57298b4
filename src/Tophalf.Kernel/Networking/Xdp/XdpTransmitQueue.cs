using Tophalf.Hardware.Devices;

namespace Tophalf.Kernel.Networking.Xdp;

/// <summary>
/// A ring of a card for frames that XDP sends. Descriptors are written one by one; the card hears of them when the doorbell is rung, at the end of a poll (XDP_XMIT_FLUSH).
/// </summary>
internal sealed class XdpTransmitQueue(QueueVector vector)
{
    private readonly Queue<(Packet Packet, NetDevice From)> _written = new();

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
            if (vector.XdpTx.TryPost(new Packet(nowPs, frame.Packet.Bytes, NetDevice.NoFlow)) is { } sentPs)
            {
                frame.From.RedirectSent(frame.Packet, sentPs);
                posted++;
            }
            else frame.From.RedirectLeft(sent: -1, lost: 1);
        }
        if (posted > 0) vector.Reconsider(nowPs);
        return posted;
    }
}
