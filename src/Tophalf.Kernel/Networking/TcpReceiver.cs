using Tophalf.Hardware.Devices;

namespace Tophalf.Kernel.Networking;

/// <summary>
/// The receiving end of one TCP stream, as far as acknowledgements go (net/ipv4/tcp_input.c, __tcp_ack_snd_check and tcp_data_queue): at once when more than one segment is not
/// acknowledged, when nothing new came, and after a gap. The application reads at once, which acknowledges what was pushed (tcp_cleanup_rbuf). There is no timer for
/// delayed acknowledgements, and what comes after a gap is not kept.
/// </summary>
internal struct TcpReceiver
{
    private int _unacknowledged;

    /// <summary>Number of the segment wanted next (rcv_nxt).</summary>
    public int Next { get; private set; }

    /// <summary>Will this be acknowledged?</summary>
    public readonly bool Acknowledges(in SkBuff skb) => NewIn(skb) is var news && (news == 0 || _unacknowledged + news > 1 || skb.Packet.Segment.IsPushed);

    /// <summary>Takes what is new; true when that is to be acknowledged now.</summary>
    public bool Receive(in SkBuff skb, out int news)
    {
        bool acknowledges = Acknowledges(skb);
        news = NewIn(skb);
        Next = (Next + news) % TcpSegment.Numbers;
        _unacknowledged = acknowledges ? 0 : _unacknowledged + news;
        return acknowledges;
    }

    /// <summary>Segments that continue what was received.</summary>
    private readonly int NewIn(in SkBuff skb)
    {
        int ahead = TcpSegment.Ahead(skb.Packet.Segment.Number, Next);
        return ahead > 0 ? 0 : Math.Max(0, ahead + skb.Segments);
    }
}
