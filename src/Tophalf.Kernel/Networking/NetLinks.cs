using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>Interfaces as rtnetlink lists, makes and changes them (net/core/rtnetlink.c): network devices, and VLAN devices on top of them.</summary>
public sealed class NetLinks(Kernel kernel)
{
    private int _lastIndex = 1;

    /// <summary>dev_new_index(): lo has 1.</summary>
    internal int NextIndex() => ++_lastIndex;

    public IEnumerable<VlanDevice> Vlans => kernel.NetDevices.SelectMany(device => device.Vlans);

    /// <summary>In the order of their numbers.</summary>
    public IReadOnlyList<LinkState> All => [.. kernel.NetDevices.Select(State).Concat(Vlans.Select(State)).OrderBy(link => link.Index)];

    private static LinkState State(NetDevice device) => new(device.InterfaceIndex, device.Name, device.Address, device.Mtu, device.Queues, device.LinkStatistics)
    {
        LeastMtu = device.Model.Mtu.Least,
        MostMtu = device.MostMtu,
        MostQueues = device.Controller.Vectors.Length,
        Peer = device.Model.IsVirtual ? device.Peer?.Name : null,
        Xdp = device.Xdp,
        Parent = device.Model.IsVirtual ? null : device.VirtioName is { } virtio ? ("virtio", virtio) : ("pci", device.Controller.Function.Address.ToString()),
        VirtualFunctions = [.. device.VirtualFunctions?.Devices.Select((function, number) => (function.Address, device.VirtualFunctions.LimitOf(number))) ?? []],
    };

    private static LinkState State(VlanDevice vlan) => new(vlan.InterfaceIndex, vlan.Name, vlan.Real.Address, vlan.Mtu, 1, vlan.Statistics)
    {
        LeastMtu = 0,
        MostMtu = ushort.MaxValue,
        Vlan = (vlan.Id, vlan.Real.Name),
        IsUp = vlan.IsUp,
    };

    private NetDevice? Device(string name) => kernel.NetDevices.Find(device => device.Name == name);
    private VlanDevice? Vlan(string name) => Vlans.FirstOrDefault(vlan => vlan.Name == name);

    /// <summary>RTM_NEWLINK of the kind vlan (rtnl_newlink, vlan_validate, vlan_newlink).</summary>
    /// <param name="link">The device below; null where none was named.</param>
    /// <param name="name">The new device's.</param>
    /// <param name="id">IFLA_VLAN_ID; null where none was given.</param>
    public EthtoolResult AddVlan(string? link, string name, int? id)
    {
        // Without a parameter ip sends no properties at all.
        if (id is not { } number) return new EthtoolResult(Errno.EINVAL, "8021q: VLAN properties not specified");
        if (number >= VlanDevice.IdLimit) return new EthtoolResult(Errno.ERANGE, "8021q: Invalid VLAN id");
        if (Device(name) is not null || Vlan(name) is not null) return new EthtoolResult(Errno.EEXIST);
        if (link is null) return new EthtoolResult(Errno.EINVAL, "8021q: link not specified");
        return Device(link) is { } real ? real.AddVlan(name, (ushort)number) : new EthtoolResult(Errno.EOPNOTSUPP);
    }

    /// <summary>RTM_DELLINK: only what was made by RTM_NEWLINK can be taken away so.</summary>
    public EthtoolResult Remove(string name)
    {
        if (Vlan(name) is not { } vlan) return new EthtoolResult(Device(name) is null ? Errno.ENODEV : Errno.EOPNOTSUPP);
        vlan.Real.RemoveVlan(vlan);
        return EthtoolResult.Ok;
    }

    /// <summary>IFF_UP of a VLAN device. Cards are up; the twin does not take them down.</summary>
    public EthtoolResult SetUp(string name, bool isUp)
    {
        if (Vlan(name) is not { } vlan) return new EthtoolResult(Device(name) is null ? Errno.ENODEV : isUp ? Errno.None : Errno.EOPNOTSUPP);
        vlan.Real.SetVlanUp(vlan, isUp);
        return EthtoolResult.Ok;
    }

    /// <summary>IFLA_VF_RATE: what a virtual function may send at most, in Mb/s.</summary>
    public EthtoolResult SetFunctionLimit(string name, int function, int megabits) => Device(name) is not { } device
        ? new EthtoolResult(Errno.ENODEV)
        : new EthtoolResult(device.VirtualFunctions?.SetLimit(function, megabits) ?? Errno.EOPNOTSUPP);

    /// <summary>IFLA_MTU.</summary>
    public EthtoolResult SetMtu(string name, int mtu) => Device(name)?.SetMtu(mtu) ?? (Vlan(name) is { } vlan ? NetDevice.SetVlanMtu(vlan, mtu) : new EthtoolResult(Errno.ENODEV));
}
