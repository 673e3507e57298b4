using System.Globalization;
using System.Text;
using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Networking;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Modules.Pktgen;

/// <summary>How packets leave (xmit_mode).</summary>
internal enum XmitMode
{
    /// <summary>Straight into the driver's transmit function, on the queue that queue_map says.</summary>
    StartXmit,

    /// <summary>By dev_queue_xmit, on the queue that XPS says.</summary>
    QueueXmit,
}

/// <summary>struct pktgen_dev: an interface in the hands of a generator thread, what it is to send and what it has sent (net/core/pktgen.c).</summary>
internal sealed class PktgenDevice(Kernel kernel, NetDevice outgoing, string name, PktgenHeaders headers)
{
    /// <summary>delay of a device that never sends: written as 0x7FFFFFFF.</summary>
    public const ulong NeverNs = ulong.MaxValue;

    /// <summary>What a frame has besides its data: Ethernet, IPv4, UDP, and the generator's own header.</summary>
    private const uint LeastBytes = 14 + 20 + 8 + 16;

    /// <summary>MAX_SKB_FRAGS.</summary>
    private const int MostFrags = 17;

    public NetDevice Outgoing => outgoing;
    public string Name => name;
    public PktgenHeaders Headers => headers;

    // ---- what is set ---------------------------------------------------------------------------------------------------------------

    public XmitMode Mode { get; set; }

    /// <summary>Packets to send; 0: until it is stopped.</summary>
    public ulong Count { get; set; } = 1000;

    /// <summary>From packet to packet.</summary>
    public ulong DelayNs { get; set; }

    public int Frags { get; set; }
    public int CloneSkb { get; set; }
    public uint Burst { get; set; } = 1;
    public int Node { get; set; } = -1;
    public uint SkbPriority { get; set; }
    public byte Tos { get; set; }

    // ---- what has happened -----------------------------------------------------------------------------------------------------------

    public bool IsRunning { get; private set; }
    public ulong SoFar { get; private set; }
    public ulong Errors { get; set; }
    public uint SequenceNumber { get; private set; }

    /// <summary>When the next packet may go, and how long the thread did nothing for it so far.</summary>
    public long NextTxPs { get; set; }
    public long IdlePs { get; set; }

    /// <summary>The packet that was built last has gone out.</summary>
    public bool LastOk { get; set; }

    /// <summary>A packet is built that may go, how often it went, and the flow it belongs to.</summary>
    public bool HasSkb { get; private set; }
    private uint _cloneCount;

    public string Result { get; set; } = "";

    private long _startedPs, _stoppedPs;

    /// <summary>pktgen_run() and pktgen_setup_inject(): everything from the beginning.</summary>
    public void Start(long nowPs)
    {
        if (headers.MinPktSize == 0) headers.MinPktSize = LeastBytes + (uint)headers.TagBytes;
        headers.Reset(outgoing.Queues, kernel, name);
        ClearCounters();
        HasSkb = false;
        _startedPs = NextTxPs = nowPs;
        Result = "Starting";
        IsRunning = true;
    }

    /// <summary>pktgen_clear_counters(). The first packet is number 1.</summary>
    public void ClearCounters()
    {
        SequenceNumber = 1;
        IdlePs = 0;
        SoFar = Errors = 0;
    }

    /// <summary>No packet is there, or the last one went out as often as it was to.</summary>
    public bool NeedsPacket() => !HasSkb || (LastOk && ++_cloneCount >= CloneSkb);

    /// <summary>fill_packet(), at its end.</summary>
    public void Build(int cpu)
    {
        headers.Next(cpu, outgoing.Queues);
        HasSkb = true;
        _cloneCount = 0;
    }

    /// <summary>The frame as it goes out now.</summary>
    public Packet Frame(long nowPs) => new(nowPs, headers.FrameBytes, outgoing.FlowOf(headers.Flow));

    public void Sent(uint packets)
    {
        LastOk = true;
        SoFar += packets;
        SequenceNumber += packets;
    }

    /// <summary>pktgen_stop_device(), with show_results().</summary>
    public void Stop(long nowPs)
    {
        if (!IsRunning)
        {
            kernel.Log(nowPs, $"pktgen: interface: {name} is already stopped");
            return;
        }
        int frags = HasSkb ? Math.Min(Frags, MostFrags) : -1;
        IsRunning = HasSkb = false;
        _stoppedPs = nowPs;
        long elapsedPs = nowPs - _startedPs;
        ulong pps = elapsedPs < SimTime.Nanosecond ? 0 : (ulong)((UInt128)SoFar * 1_000_000_000 / (ulong)(elapsedPs / SimTime.Nanosecond));
        ulong bps = pps * 8 * headers.CurPktSize;
        Result = string.Create(CultureInfo.InvariantCulture,
            $"OK: {Us(elapsedPs)}(c{Us(elapsedPs - IdlePs)}+d{Us(IdlePs)}) usec, {SoFar} ({headers.CurPktSize}byte,{frags}frags)\n"
            + $"  {pps}pps {bps / 1_000_000}Mb/sec ({bps}bps) errors: {Errors}");
    }

    private static long Us(long ps) => ps / SimTime.Microsecond;

    /// <summary>pktgen_if_show().</summary>
    public string Show(long nowPs)
    {
        var text = new StringBuilder();
        PktgenHeaders h = headers;
        text.Append(CultureInfo.InvariantCulture, $"Params: count {Count}  min_pkt_size: {h.MinPktSize}  max_pkt_size: {h.MaxPktSize}\n");
        text.Append(CultureInfo.InvariantCulture, $"     frags: {Frags}  delay: {DelayNs}  clone_skb: {CloneSkb}  ifname: {name}\n");
        text.Append(CultureInfo.InvariantCulture, $"     flows: {h.Flows} flowlen: {h.FlowLength}\n");
        text.Append(CultureInfo.InvariantCulture, $"     queue_map_min: {h.QueueMapMin}  queue_map_max: {h.QueueMapMax}\n");
        if (SkbPriority != 0) text.Append(CultureInfo.InvariantCulture, $"     skb_priority: {SkbPriority}\n");
        text.Append($"     dst_min: {h.DstMin}  dst_max: {h.DstMax}\n     src_min: {h.SrcMin}  src_max: {h.SrcMax}\n");
        text.Append($"     src_mac: {(h.SrcMac.IsZero ? outgoing.Address : h.SrcMac)} dst_mac: {h.DstMac}\n");
        text.Append(CultureInfo.InvariantCulture, $"     udp_src_min: {h.UdpSrcMin}  udp_src_max: {h.UdpSrcMax}  udp_dst_min: {h.UdpDstMin}  udp_dst_max: {h.UdpDstMax}\n");
        text.Append(CultureInfo.InvariantCulture, $"     src_mac_count: {(int)h.SrcMacCount}  dst_mac_count: {(int)h.DstMacCount}\n");
        if (h.Vlan.IsOn) text.Append(CultureInfo.InvariantCulture, $"     vlan_id: {h.Vlan.Id}  vlan_p: {h.Vlan.Priority}  vlan_cfi: {h.Vlan.Cfi}\n");
        if (h.Svlan.IsOn) text.Append(CultureInfo.InvariantCulture, $"     svlan_id: {h.Svlan.Id}  vlan_p: {h.Svlan.Priority}  vlan_cfi: {h.Svlan.Cfi}\n");
        if (Tos != 0) text.Append(CultureInfo.InvariantCulture, $"     tos: 0x{Tos:x2}\n");
        if (Burst > 1) text.Append(CultureInfo.InvariantCulture, $"     burst: {(int)Burst}\n");
        if (Node >= 0) text.Append(CultureInfo.InvariantCulture, $"     node: {Node}\n");
        if (Mode == XmitMode.QueueXmit) text.Append("     xmit_mode: xmit_queue\n");
        text.Append("     Flags: ");
        for (int bit = 0; bit < PktgenFlags.Names.Count; bit++)
        {
            bool isSet = (h.Flags & 1u << bit) != 0;
            if (1u << bit != PktgenFlags.FlowSequential ? isSet : isSet && h.Flows > 0) text.Append(PktgenFlags.Names[bit]).Append("  ");
            else if (1u << bit == PktgenFlags.FlowSequential && h.Flows > 0) text.Append("FLOW_RND  ");
        }
        text.Append(CultureInfo.InvariantCulture, $"\nCurrent:\n     pkts-sofar: {SoFar}  errors: {Errors}\n");
        text.Append(CultureInfo.InvariantCulture, $"     started: {Us(_startedPs)}us  stopped: {Us(IsRunning ? nowPs : _stoppedPs)}us idle: {Us(IdlePs)}us\n");
        text.Append(CultureInfo.InvariantCulture, $"     seq_num: {(int)SequenceNumber}  cur_dst_mac_offset: {h.CurDstMacOffset}  cur_src_mac_offset: {h.CurSrcMacOffset}\n");
        text.Append($"     cur_saddr: {PktgenHeaders.Dotted(h.CurSource)}  cur_daddr: {PktgenHeaders.Dotted(h.CurDestination)}\n");
        text.Append(CultureInfo.InvariantCulture, $"     cur_udp_dst: {h.CurUdpDst}  cur_udp_src: {h.CurUdpSrc}\n");
        text.Append(CultureInfo.InvariantCulture, $"     cur_queue_map: {h.CurQueueMap}\n     flows: {h.FlowsSeen}\n");
        return text.Append($"Result: {(Result.Length > 0 ? Result : "Idle")}\n").ToString();
    }
}
