using Tophalf.Hardware.Devices;
using Tophalf.Simulation;

namespace Tophalf.Twin.Workloads;

/// <summary>Flows as a load generator makes them: from many hosts and ports to one server port.</summary>
public static class FlowMaker
{
    private const byte Tcp = 6, Udp = 17;
    private const uint ClientNetwork = 0x0A00_0000, Server = 0xC0A8_0001; // 10.0.0.0/8 to 192.168.0.1
    private const ushort ServerPort = 9000;

    /// <param name="count">How many.</param>
    /// <param name="random">Decides addresses and ports.</param>
    /// <param name="vlan">Of their frames' tags; 0: none.</param>
    public static IEnumerable<FlowKey> Make(int count, RandomStream random, int vlan = 0) => Make(count, Udp, random, vlan);

    /// <inheritdoc cref="Make(int, RandomStream, int)"/>
    public static IEnumerable<FlowKey> MakeTcp(int count, RandomStream random, int vlan = 0) => Make(count, Tcp, random, vlan);

    /// <summary>Length of a frame of a workload whose frames have that tag.</summary>
    public static int FrameBytes(int bytes, int vlan) => bytes + (vlan == 0 ? 0 : EthernetLink.TagBytes);

    private static IEnumerable<FlowKey> Make(int count, byte protocol, RandomStream random, int vlan)
    {
        for (int i = 0; i < count; i++)
        {
            uint client = ClientNetwork | (uint)random.NextInt(1 << 24);
            yield return (FlowKey.IPv4(client, Server, protocol) with { Vlan = (ushort)vlan }).WithPorts((ushort)(1024 + random.NextInt(60_000)), ServerPort);
        }
    }
}
