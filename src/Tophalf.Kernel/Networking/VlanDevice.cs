using Tophalf.Hardware.Devices;

namespace Tophalf.Kernel.Networking;

/// <summary>A VLAN device on top of a network device (net/8021q): it has the frames whose tag carries its number, without the tag, and gives those it sends one.</summary>
public sealed class VlanDevice
{
    /// <summary>MAC addresses and type; what a device counts of a received frame begins behind them (vlan_do_receive).</summary>
    private const int HeaderBytes = 14;

    /// <summary>VLAN identifiers end below it (VLAN_VID_MASK, include/linux/if_vlan.h).</summary>
    public const int IdLimit = 4095;

    internal VlanDevice(NetDevice real, string name, ushort id, int interfaceIndex)
    {
        Real = real;
        Name = name;
        Id = id;
        InterfaceIndex = interfaceIndex;
        Mtu = real.Mtu;
    }

    /// <summary>The device below.</summary>
    public NetDevice Real { get; }
    public string Name { get; }
    public ushort Id { get; }
    public int InterfaceIndex { get; }
    public int Mtu { get; internal set; }

    /// <summary>IFF_UP: a new one is down, and drops what it gets.</summary>
    public bool IsUp { get; internal set; }

    private long _rxPackets, _rxBytes, _txPackets, _txBytes;

    public LinkStatistics Statistics => new(_rxPackets, _rxBytes, 0, 0, 0, 0, 0, _txPackets, _txBytes, 0);

    internal void CountReceived(int frameBytes)
    {
        _rxPackets++;
        _rxBytes += frameBytes - EthernetLink.TagBytes - SkBuff.EthernetBytes;
    }

    /// <param name="frameBytes">Without the tag.</param>
    internal void CountSent(int frameBytes)
    {
        _txPackets++;
        _txBytes += frameBytes - SkBuff.EthernetBytes + HeaderBytes;
    }
}
