using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Networking.Xdp;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>
/// XDP: a program that drops, passes, returns or redirects each packet before the stack sees it; in the driver's poll, or, generic, where the stack begins (do_xdp_generic of
/// __netif_receive_skb_core), which is behind RPS and without GRO.
/// </summary>
public sealed partial class NetDevice
{
    private XdpProgram? _xdp;
    private XdpMode _xdpMode;

    // The program, by its mode.
    private XdpProgram? _native, _generic;

    /// <summary>What programs did with the packets of each receive queue.</summary>
    internal XdpCounts[] XdpCounts { get; }

    /// <summary>The program's number, 0 without one.</summary>
    internal int XdpProgramId { get; private set; }

    /// <summary>Its mode and number (IFLA_XDP); null without one.</summary>
    public (XdpMode Mode, int Id)? Xdp => _xdp is null ? null : (_xdpMode, XdpProgramId);

    /// <summary>Packets a program dropped, those it sent back, and those that a map took.</summary>
    public long XdpDropped => XdpCounts.Sum(queue => queue.Dropped);
    public long XdpReturned => XdpCounts.Sum(queue => queue.Returned);
    public long XdpRedirected => XdpCounts.Sum(queue => queue.Redirected);

    /// <summary>
    /// dev_xdp_attach(), net/core/dev.c. <paramref name="program"/> null takes the program off; <paramref name="mode"/> null is the driver's own where it has one. Without
    /// <paramref name="replace"/> (XDP_FLAGS_UPDATE_IF_NOEXIST) a program that is there stays.
    /// </summary>
    public EthtoolResult AttachXdp(XdpProgram? program, XdpMode? mode, bool replace)
    {
        if (Model.IsVirtual) return new EthtoolResult(Errno.EOPNOTSUPP);
        XdpMode wanted = mode ?? (Model.HasNativeXdp ? XdpMode.Native : XdpMode.Generic);
        if (_xdp is not null && _xdpMode != wanted)
            return program is null ? EthtoolResult.Ok : new EthtoolResult(Errno.EEXIST, "Native and generic XDP can't be active at the same time");
        if (_xdp is not null && program is not null && !replace) return new EthtoolResult(Errno.EBUSY, "XDP program already attached");
        if (_xdp is null && program is null) return EthtoolResult.Ok;
        if (wanted == XdpMode.Native && !Model.HasNativeXdp) return new EthtoolResult(Errno.EOPNOTSUPP, "Underlying driver does not support XDP in native mode");
        if (wanted == XdpMode.Native && program is not null && _xdp is null && RefuseXdp() is { Errno: not Errno.None } refused) return refused;
        _kernel.Sync();
        _redirect?.Unload(_kernel.Events.NowPs);
        _xdp = program;
        _xdpMode = wanted;
        _native = wanted == XdpMode.Native ? program : null;
        _generic = wanted == XdpMode.Generic ? program : null;
        _redirect = program is null ? null : Redirection(program.Target, wanted);
        XdpProgramId = program is null ? 0 : _kernel.Bpf.NextProgramId();
        _features.Forbid(Lro, IsXdpNative && Model.Xdp is not null);
        FollowFeatures();
        if (_generic is not null) DisableLro();
        _kernel.Replan();
        return EthtoolResult.Ok;
    }

    /// <summary>A program runs in the driver.</summary>
    private bool IsXdpNative => _native is not null;

    /// <summary>What the driver says against a program in its own mode, as the device is set up now.</summary>
    private EthtoolResult RefuseXdp()
    {
        if (Model.Xdp is not { } limits) return EthtoolResult.Ok;
        if (limits.RefusesWithFunctions && VirtualFunctions is { Count: > 0 }) return new EthtoolResult(Errno.EINVAL);
        if (limits.RefusesWithLro && _features[Lro])
        {
            LogXdp(limits.LogsWithLro, Mtu, limits.MostMtu);
            return new EthtoolResult(Errno.EINVAL);
        }
        if (Mtu > limits.MostMtu)
        {
            LogXdp(limits.Logs, Mtu, limits.MostMtu);
            return new EthtoolResult(limits.TooLong, limits.Says);
        }
        if (!limits.NeedsSpareQueues || 2 * Queues <= MaxCombined) return EthtoolResult.Ok;
        // ena_xdp_set.
        Log($"Failed to set xdp program, the Rx/Tx channel count should be at most half of the maximum allowed channel count. The current queue count ({Queues}), the maximal queue count ({MaxCombined})");
        return new EthtoolResult(Errno.EINVAL, "ena: Failed to set xdp program, there is no enough space for allocating XDP queues, Check the dmesg for more info");
    }

    private void LogXdp(string? pattern, int mtu, int most)
    {
        if (Model.Xdp!.Format(pattern, mtu, most) is { } text) Log(text);
    }

    /// <summary>netdev_warn() and its like.</summary>
    private void Log(string text) => _kernel.Log(_kernel.Events.NowPs, $"{Model.Driver} {_controller.Function.Address} {Name}: {text}");

    /// <summary>What the program says of the packets of a queue.</summary>
    private XdpAction ActionOn(XdpProgram program, int queue) => _redirect is { } redirect && redirect.Passes(queue) ? XdpAction.Pass : program.Action;

    /// <summary>What keeping a packet from the stack costs. The drop is what a driver's bare receive cost is measured with.</summary>
    private long ActionPs(in Packet packet, XdpAction action, int queue, Cpu cpu) => action switch
    {
        XdpAction.Tx => _kernel.Costs.XdpTx,
        XdpAction.Redirect => _redirect!.CostPs(packet, queue, cpu),
        _ => 0,
    };

    /// <summary>The generic program, where it sees the packet. What GRO has merged came before it.</summary>
    private XdpProgram? GenericOf(in SkBuff skb) => skb.IsRedirected || skb.Segments > 1 ? null : _generic;

    private long GenericPs(XdpProgram xdp, in SkBuff skb, Cpu cpu)
    {
        int queue = ReceiveQueueOf(skb);
        XdpAction action = ActionOn(xdp, queue);
        return _kernel.Costs.XdpRun + (action == XdpAction.Pass ? StackPs(skb, cpu) : ActionPs(skb.Packet, action, queue, cpu));
    }

    /// <summary>skb_get_rx_queue().</summary>
    private int ReceiveQueueOf(in SkBuff skb) => Math.Max(0, _controller.QueueOf(skb.Packet.Flow));

    /// <summary>True when the program has kept the packet.</summary>
    private bool RunXdp(XdpProgram xdp, in Packet received, int queue, Cpu cpu, long nowPs)
    {
        Packet packet = _tags is not null && _native is not null ? AsTheCardLeaves(received) : received;
        XdpCounts counts = XdpCounts[queue];
        XdpAction action = ActionOn(xdp, queue);
        if (_native is not null && action != XdpAction.Pass) counts.Keep(packet.Bytes);
        switch (action)
        {
            case XdpAction.Drop:
                counts.Dropped++;
                return true;
            case XdpAction.Tx:
                counts.Returned++;
                if (Transmit(cpu, new Packet(nowPs, packet.Bytes, packet.Flow)) is { } sentPs) Latency.Record(sentPs - packet.AtPs + _kernel.Costs.CardLatency);
                return true;
            case XdpAction.Redirect:
                Redirect(packet, counts, queue, cpu, nowPs);
                return true;
            default:
                return false;
        }
    }
}
