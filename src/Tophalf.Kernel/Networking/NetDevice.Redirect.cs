using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Networking.Xdp;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>XDP_REDIRECT: the device whose program redirects, and the device frames are redirected to (ndo_xdp_xmit).</summary>
public sealed partial class NetDevice
{
    private XdpRedirect? _redirect;
    private XdpTransmitQueue[]? _xdpQueues;

    /// <summary>Redirected frames that another card took, and those that found no room, or nobody to take them, after the map had taken them.</summary>
    public long RedirectedOn { get; private set; }
    public long RedirectLost { get; private set; }

    /// <summary>Frames on their way through a map.</summary>
    public long InRedirect => (_redirect?.Waiting ?? 0) + Sockets.Sum(socket => socket.Waiting) + CpuMapThreads.Sum(thread => thread.Waiting);

    /// <summary>Threads of cpumaps that have had frames of this device.</summary>
    internal List<CpuMapThread> CpuMapThreads { get; } = [];

    /// <summary>Frames that this card sent, or could not send, for a program on another.</summary>
    public long XdpTransmitted { get; private set; }
    public long XdpTransmitFull { get; private set; }

    private XdpRedirect? Redirection(XdpTarget target, XdpMode mode) => target switch
    {
        XdpTarget.None => null,
        XdpTarget.Device => new DeviceRedirect(_kernel, this, mode),
        XdpTarget.Socket => new SocketRedirect(_kernel, this, mode),
        _ => new CpuRedirect(_kernel, this, mode, target),
    };

    /// <summary>A running poll has something for xdp_do_flush() to hand over.</summary>
    internal bool HasRedirected(Cpu cpu, int queue) => _redirect is { } redirect && redirect.IsPending(cpu, queue);

    internal long RedirectFlushPs(Cpu cpu, int queue) => _redirect!.FlushPs(cpu, queue);

    internal void FlushRedirected(Cpu cpu, int queue, long nowPs)
    {
        if (HasRedirected(cpu, queue)) _redirect!.Flush(cpu, queue, nowPs);
    }

    /// <summary>The driver's half of XDP_REDIRECT: what no map takes is dropped, and told of as an exception.</summary>
    private void Redirect(in Packet packet, XdpCounts counts, int queue, Cpu cpu, long nowPs)
    {
        XdpAction result = _redirect!.Redirect(packet, queue, cpu, nowPs);
        if (result == XdpAction.Redirect)
        {
            counts.Redirected++;
            return;
        }
        counts.Dropped++;
        Tracing.Tracepoint traced = _kernel.Tracer.Events.XdpException;
        XdpAction told = result == XdpAction.Aborted ? XdpAction.Aborted : XdpAction.Redirect;
        if (traced.IsEnabled) _kernel.Tracer.Record(traced, cpu, nowPs, irqsOff: false, 0, null, XdpProgramId, (long)told, InterfaceIndex);
    }

    /// <summary>A frame that another card has sent for this one's program.</summary>
    internal void RedirectSent(in Packet packet, long sentPs) => Latency.Record(sentPs - packet.AtPs + _kernel.Costs.CardLatency);

    /// <summary>So many frames have left the map, and so many got no further.</summary>
    internal void RedirectLeft(int sent, int lost)
    {
        RedirectedOn += sent;
        RedirectLost += lost;
    }

    /// <summary>generic_xdp_tx(): the skb goes out of the other card as one of the stack's would.</summary>
    internal void RedirectedBySkb(in Packet packet, NetDevice target, Cpu cpu, long nowPs)
    {
        long? sentPs = TrySendOn(packet, target, cpu, nowPs, keepsTag: true);
        RedirectLeft(sentPs is null ? 0 : 1, sentPs is null ? 1 : 0);
        if (sentPs is { } atPs) RedirectSent(packet, atPs);
    }

    // ---- the device frames are redirected to -----------------------------------------------------------------------------------

    /// <summary>NETDEV_XDP_ACT_NDO_XMIT: the driver has rings for frames of XDP, which most drivers make when a program is put on the device itself.</summary>
    internal bool TakesRedirected => Model.HasNativeXdp && (Model.TakesRedirectedAlways || IsXdpNative);

    /// <summary>
    /// ndo_xdp_xmit(): frames go into the ring for this processor, as many as it has room for; with <paramref name="isEnd"/> the doorbell is rung. Drivers with a ring for each
    /// queue pair have none for processors beyond (ENXIO); others let those share.
    /// </summary>
    internal Errno XdpTransmit(Cpu cpu, ReadOnlySpan<Packet> frames, NetDevice from, bool isEnd, long nowPs, out int sent)
    {
        sent = 0;
        if (cpu.Id >= Queues && !Model.SharesXdpRings) return Errno.ENXIO;
        XdpTransmitQueue ring = XdpRing(cpu.Id % Queues);
        while (sent < frames.Length && ring.TryWrite(frames[sent], from)) sent++;
        XdpTransmitted += sent;
        XdpTransmitFull += frames.Length - sent;
        if (isEnd) SentForOthers += ring.RingDoorbell(nowPs);
        return Errno.None;
    }

    private XdpTransmitQueue XdpRing(int queue)
    {
        _xdpQueues ??= [.. _controller.Vectors.Select(vector => new XdpTransmitQueue(this, vector))];
        return _xdpQueues[queue];
    }

    /// <summary>A driver's poll took back descriptors of frames that XDP has sent.</summary>
    internal void CleanedXdp(int queue, int frames, Cpu cpu, long nowPs)
    {
        if (frames > 0) XdpRing(queue).Cleaned(frames, cpu, nowPs);
    }

    // ---- AF_XDP ----------------------------------------------------------------------------------------------------------------

    /// <summary>The AF_XDP sockets bound to the device's queues.</summary>
    public List<XskSocket> Sockets { get; } = [];

    /// <summary>
    /// socket(AF_XDP) and bind(2) to a queue (net/xdp/xsk.c, xp_assign_dev): EINVAL where there is no such queue, EBUSY where it has a socket, EOPNOTSUPP where zero-copy is
    /// asked for and the driver has none, and here also with a driver that takes packets in its interrupt handler. The first socket brings the program along, in the driver's mode where it has one.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="bind">What is asked for.</param>
    /// <param name="receives">With a fill and a receive ring; else it only sends.</param>
    /// <param name="frames">Of its memory.</param>
    /// <param name="ringSize">Entries of the rings but the fill ring.</param>
    /// <param name="socket">The socket; null where an error is returned.</param>
    public Errno BindSocket(int queue, XskBind bind, bool receives, int frames, int ringSize, out XskSocket? socket)
    {
        socket = null;
        if (queue < 0 || queue >= Queues) return Errno.EINVAL;
        if (Sockets.Exists(other => other.Queue == queue)) return Errno.EBUSY;
        if (Model.IsOldDriver || bind == XskBind.ZeroCopy && !Model.HasZeroCopy) return Errno.EOPNOTSUPP;
        if (_redirect is not SocketRedirect && AttachXdp(XdpProgram.ForSockets, null, replace: false) is { Errno: not Errno.None } refused) return refused.Errno;
        socket = new XskSocket(_kernel, this, queue, bind != XskBind.Copy && Model.HasZeroCopy, receives, frames, ringSize);
        Sockets.Add(socket);
        ((SocketRedirect)_redirect!).Add(socket);
        return Errno.None;
    }

    /// <summary>Frames of a socket go into the ring of its queue; returns how many.</summary>
    internal int SendForSocket(XskSocket socket, PacketFifo frames, int most, long nowPs)
    {
        int sent = XdpRing(socket.Queue).Send(socket, frames, most, nowPs);
        XdpTransmitted += sent;
        SentForOthers += sent;
        return sent;
    }

    /// <summary>The process has a frame in its hands.</summary>
    internal void ReachedProcess(in Packet packet, bool isLast, long nowPs)
    {
        Delivered++;
        if (isLast) Latency.Record(nowPs - packet.AtPs);
    }
}
