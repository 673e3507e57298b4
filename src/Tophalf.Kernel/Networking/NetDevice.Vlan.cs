using Tophalf.Hardware.Devices;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>
/// Frames with VLAN tags (net/8021q/vlan_core.c). Where rx-vlan-offload is on the card takes the tag out of the frame and tells of it, else the kernel does; tx-vlan-offload likewise, the other way.
/// </summary>
public sealed partial class NetDevice
{
    private const string RxOffload = "rx-vlan-hw-parse", TxOffload = "tx-vlan-hw-insert", Filter8021q = "rx-vlan-filter";

    private readonly SortedDictionary<ushort, VlanDevice> _vlans = [];

    /// <summary>VLAN of each flow, 0 for none; null while no flow has one.</summary>
    private ushort[]? _tags;

    /// <summary>The VLAN devices on top of this one, by their numbers.</summary>
    public IReadOnlyCollection<VlanDevice> Vlans => _vlans.Values;

    /// <summary>Packets with the tag of a VLAN that has no device, which IP dropped, and packets whose VLAN device was down.</summary>
    public long OtherHostDropped { get; private set; }
    public long VlanDownDropped { get; private set; }

    private void NoteTags(int first, int count)
    {
        for (int flow = first; flow < first + count; flow++)
        {
            ushort vlan = _controller.Port.Flows[flow].Vlan;
            if (vlan == 0) continue;
            _tags ??= [];
            if (flow >= _tags.Length) Array.Resize(ref _tags, Math.Max(first + count, 2 * _tags.Length));
            _tags[flow] = vlan;
        }
    }

    private ushort VlanOf(int flow) => _tags is { } tags && (uint)flow < (uint)tags.Length ? tags[flow] : (ushort)0;

    /// <summary>What a tag makes a frame longer.</summary>
    private int TagBytes(int flow) => VlanOf(flow) == 0 ? 0 : EthernetLink.TagBytes;

    /// <summary>rx-vlan-offload is on.</summary>
    internal bool TakesTagsOut => _features[RxOffload];

    /// <summary>As an XDP program of the driver's mode finds the frame: without a tag that the card has taken out.</summary>
    private Packet AsTheCardLeaves(in Packet packet) =>
        VlanOf(packet.Flow) != 0 && TakesTagsOut ? packet.WithBytes(packet.Bytes - EthernetLink.TagBytes) : packet;

    /// <summary>What the stack spends on a tag before IP.</summary>
    private long TagPs(int flow) => VlanOf(flow) == 0 ? 0 : _kernel.Costs.VlanReceive + (TakesTagsOut ? 0 : _kernel.Costs.VlanUntag);

    /// <summary>What sending through a VLAN device costs besides.</summary>
    internal long TagSendPs(int flow) => VlanOf(flow) == 0 ? 0 : _kernel.Costs.VlanSend + (_features[TxOffload] ? 0 : _kernel.Costs.VlanInsert);

    /// <summary>The flow's VLAN has no device, or one that is down.</summary>
    private bool IsForNobody(int flow) => VlanOf(flow) is var id and not 0 && !(_vlans.TryGetValue(id, out VlanDevice? vlan) && vlan.IsUp);

    /// <summary>vlan_do_receive(), for packets or segments that go up together; false where they go no further.</summary>
    private bool ReceiveTag(in Packet packet, int segments)
    {
        ushort id = VlanOf(packet.Flow);
        if (id == 0) return true;
        if (!_vlans.TryGetValue(id, out VlanDevice? vlan))
        {
            OtherHostDropped += segments;
            return false;
        }
        if (!vlan.IsUp)
        {
            VlanDownDropped += segments;
            return false;
        }
        vlan.CountReceived(packet.Bytes);
        return true;
    }

    /// <summary>A frame that a flow's VLAN device has sent.</summary>
    private void CountTagSent(in Packet frame)
    {
        if (_vlans.TryGetValue(VlanOf(frame.Flow), out VlanDevice? vlan)) vlan.CountSent(frame.Bytes);
    }

    // ---- the devices -----------------------------------------------------------------------------------------------------------

    /// <summary>vlan_newlink() and vlan_check_real_dev() of net/8021q/vlan_netlink.c and vlan.c; who calls has looked after the name.</summary>
    public EthtoolResult AddVlan(string name, int id)
    {
        if (id >= VlanDevice.IdLimit) return new EthtoolResult(Errno.ERANGE, "8021q: Invalid VLAN id");
        if (_vlans.ContainsKey((ushort)id)) return new EthtoolResult(Errno.EEXIST, "8021q: VLAN device already exists");
        _kernel.Sync();
        _vlans.Add((ushort)id, new VlanDevice(this, name, (ushort)id, _kernel.Links.NextIndex()));
        WriteVlanFilter();
        return EthtoolResult.Ok;
    }

    /// <summary>unregister_vlan_dev().</summary>
    public void RemoveVlan(VlanDevice vlan)
    {
        _kernel.Sync();
        _vlans.Remove(vlan.Id);
        WriteVlanFilter();
    }

    public void SetVlanUp(VlanDevice vlan, bool isUp)
    {
        _kernel.Sync();
        vlan.IsUp = isUp;
    }

    /// <summary>vlan_dev_change_mtu(): no longer than what the device below takes.</summary>
    public static EthtoolResult SetVlanMtu(VlanDevice vlan, int mtu)
    {
        if (mtu < 0) return new EthtoolResult(Errno.EINVAL, "mtu less than device minimum");
        if (mtu > ushort.MaxValue) return new EthtoolResult(Errno.EINVAL, "mtu greater than device maximum");
        if (mtu > vlan.Real.Mtu) return new EthtoolResult(Errno.ERANGE);
        vlan.Mtu = mtu;
        return EthtoolResult.Ok;
    }

    /// <summary>vlan_device_event(), NETDEV_CHANGEMTU: VLAN devices follow the one below down, not up.</summary>
    private void LimitVlans()
    {
        foreach (VlanDevice vlan in _vlans.Values) vlan.Mtu = Math.Min(vlan.Mtu, Mtu);
    }

    /// <summary>ndo_vlan_rx_add_vid and ndo_vlan_rx_kill_vid.</summary>
    private void WriteVlanFilter()
    {
        _controller.SetVlanFilter(_features[Filter8021q] ? _vlans.Keys : null, _kernel.Events.NowPs);
        _kernel.Replan();
    }
}
