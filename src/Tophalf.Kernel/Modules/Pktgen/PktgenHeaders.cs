using Tophalf.Hardware.Devices;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Modules.Pktgen;

/// <summary>A tag of 802.1Q; an identifier of 0xffff is none.</summary>
internal record struct VlanTag(ushort Id, byte Priority, byte Cfi)
{
    public const ushort None = 0xffff;
    public readonly bool IsOn => Id != None;
}

/// <summary>What a device's packets have in their headers, where ranges are given each time something else (mod_cur_headers and set_cur_queue_map of net/core/pktgen.c).</summary>
internal sealed class PktgenHeaders(RandomStream random)
{
    private const byte Udp = 17;
    private const int SmallestFrame = 60, LargestFrame = 65_535, CheckSequence = 4;

    /// <summary>MAX_CFLOWS.</summary>
    public const uint MostFlows = 65_536;

    private (uint Destination, uint Count, bool IsSeen)[] _flows = [];
    private uint _sourceMin, _sourceMax, _destinationMin, _destinationMax, _flow;

    public uint Flags { get; set; }
    public uint MinPktSize { get; set; }
    public uint MaxPktSize { get; set; }
    public uint CurPktSize { get; set; }
    public string SrcMin { get; set; } = "";
    public string SrcMax { get; set; } = "";
    public string DstMin { get; set; } = "";
    public string DstMax { get; set; } = "";
    public uint CurSource { get; set; }
    public uint CurDestination { get; set; }
    public MacAddress SrcMac { get; set; }
    public MacAddress DstMac { get; set; }
    public uint SrcMacCount { get; set; }
    public uint DstMacCount { get; set; }
    public uint CurSrcMacOffset { get; set; }
    public uint CurDstMacOffset { get; set; }

    /// <summary>9 is the port for what is thrown away.</summary>
    public ushort UdpSrcMin { get; set; } = 9;
    public ushort UdpSrcMax { get; set; } = 9;
    public ushort UdpDstMin { get; set; } = 9;
    public ushort UdpDstMax { get; set; } = 9;
    public ushort CurUdpSrc { get; set; }
    public ushort CurUdpDst { get; set; }
    public ushort QueueMapMin { get; set; }
    public ushort QueueMapMax { get; set; }
    public ushort CurQueueMap { get; private set; }
    public VlanTag Vlan { get; set; } = new(VlanTag.None, 0, 0);
    public VlanTag Svlan { get; set; } = new(VlanTag.None, 0, 0);

    /// <summary>How many destinations take turns, and for how many packets each; and how many there were.</summary>
    public uint Flows { get; set; }
    public uint FlowLength { get; set; }
    public uint FlowsSeen { get; private set; }

    public int TagBytes => (Vlan.IsOn ? 4 : 0) + (Svlan.IsOn ? 4 : 0);

    /// <summary>On the wire, padded and with its check sequence.</summary>
    public int FrameBytes => (int)Math.Clamp(CurPktSize, SmallestFrame, LargestFrame) + CheckSequence;

    public FlowKey Flow => (FlowKey.IPv4(CurSource, CurDestination, Udp) with { Vlan = Vlan.IsOn ? (ushort)(Vlan.Id & 0xfff) : (ushort)0 }).WithPorts(CurUdpSrc, CurUdpDst);

    /// <summary>pktgen_setup_inject(): where the ranges begin. The twin's interfaces have no addresses of their own.</summary>
    public void Reset(int queues, Kernel kernel, string name)
    {
        QueueMapMin = WithinQueues(QueueMapMin, "min", queues, kernel, name);
        QueueMapMax = WithinQueues(QueueMapMax, "max", queues, kernel, name);
        _sourceMin = Address(SrcMin);
        _sourceMax = SrcMin.Length == 0 ? 0 : Address(SrcMax);
        _destinationMin = Address(DstMin);
        _destinationMax = Address(DstMax);
        CurPktSize = MinPktSize;
        MaxPktSize = Math.Max(MaxPktSize, MinPktSize);
        CurDstMacOffset = CurSrcMacOffset = 0;
        CurSource = _sourceMin;
        CurDestination = _destinationMin;
        CurUdpDst = UdpDstMin;
        CurUdpSrc = UdpSrcMin;
        FlowsSeen = 0;
        if (Flows > _flows.Length) Array.Resize(ref _flows, (int)Flows);
    }

    private static ushort WithinQueues(ushort queue, string end, int queues, Kernel kernel, string name)
    {
        if (queue < queues) return queue;
        kernel.Log(kernel.LocalNowPs, $"pktgen: WARNING: Requested queue_map_{end} (zero-based) ({queue}) exceeds valid range [0 - {queues - 1}] for ({queues}) queues on {name}, resetting");
        return (ushort)(queues - 1);
    }

    /// <summary>The headers of the next packet. A range is stepped through from its second value on, the first comes last.</summary>
    public void Next(int cpu, int queues)
    {
        if (Flows > _flows.Length) Array.Resize(ref _flows, (int)Flows);
        if (Flows > 0) PickFlow();
        CurSrcMacOffset = NextOffset(CurSrcMacOffset, SrcMacCount, PktgenFlags.SourceMacRandom);
        CurDstMacOffset = NextOffset(CurDstMacOffset, DstMacCount, PktgenFlags.DestinationMacRandom);
        CurUdpSrc = NextPort(CurUdpSrc, UdpSrcMin, UdpSrcMax, PktgenFlags.SourcePortRandom);
        CurUdpDst = NextPort(CurUdpDst, UdpDstMin, UdpDstMax, PktgenFlags.DestinationPortRandom);
        CurSource = NextInRange(CurSource, _sourceMin, _sourceMax, PktgenFlags.SourceAddressRandom);
        if (Flows > 0 && _flows[_flow].IsSeen) CurDestination = _flows[_flow].Destination;
        else
        {
            CurDestination = NextInRange(CurDestination, _destinationMin, _destinationMax, PktgenFlags.DestinationAddressRandom);
            if (Flows > 0)
            {
                _flows[_flow] = _flows[_flow] with { Destination = CurDestination, IsSeen = true };
                FlowsSeen++;
            }
        }
        CurPktSize = NextInRange(CurPktSize, MinPktSize, MaxPktSize, PktgenFlags.SizeRandom);
        NextQueue(cpu, queues);
        if (Flows > 0) _flows[_flow].Count++;
    }

    private void PickFlow()
    {
        if (_flow >= Flows) _flow = 0;
        if ((Flags & PktgenFlags.FlowSequential) == 0)
        {
            _flow = (uint)random.NextInt((int)Flows);
            if (_flows[_flow].Count > FlowLength) _flows[_flow] = default;
        }
        else if (_flows[_flow].Count >= FlowLength)
        {
            _flows[_flow] = default;
            _flow = (_flow + 1) % Flows;
        }
    }

    private uint NextOffset(uint offset, uint count, uint randomly) => count <= 1 || (Flags & randomly) != 0 ? offset : (offset + 1) % count;

    /// <summary>The upper end of a range of ports is not in it.</summary>
    private ushort NextPort(ushort port, ushort min, ushort max, uint randomly)
    {
        if (min >= max) return port;
        if ((Flags & randomly) != 0) return (ushort)(random.NextInt(max - min) + min);
        return (ushort)(port + 1) >= max ? min : (ushort)(port + 1);
    }

    private uint NextInRange(uint value, uint min, uint max, uint randomly)
    {
        if (min >= max) return value;
        if ((Flags & randomly) != 0) return (uint)(random.NextUnit() * (max - min)) + min;
        return value >= max ? min : value + 1;
    }

    private void NextQueue(int cpu, int queues)
    {
        if ((Flags & PktgenFlags.QueueMapCpu) != 0) CurQueueMap = (ushort)cpu;
        else if (QueueMapMin <= QueueMapMax)
        {
            if ((Flags & PktgenFlags.QueueMapRandom) != 0) CurQueueMap = (ushort)(random.NextInt(QueueMapMax - QueueMapMin + 1) + QueueMapMin);
            else CurQueueMap = CurQueueMap >= QueueMapMax ? QueueMapMin : (ushort)(CurQueueMap + 1);
        }
        CurQueueMap = (ushort)(CurQueueMap % queues);
    }

    /// <summary>in_aton() of net/core/utils.c: four numbers and dots; it takes whatever is there for digits.</summary>
    public static uint Address(string text)
    {
        uint address = 0;
        int at = 0;
        for (int part = 0; part < 4; part++)
        {
            uint value = 0;
            for (; at < text.Length && text[at] != '.'; at++) value = value * 10 + text[at] - '0';
            address = address << 8 | value;
            at++;
        }
        return address;
    }

    public static string Dotted(uint address) => $"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}";
}
