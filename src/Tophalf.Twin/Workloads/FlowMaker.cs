using Tophalf.Hardware.Devices;
using Tophalf.Simulation;

namespace Tophalf.Twin.Workloads;

/// <summary>Flows as a load generator makes them: from many hosts and ports to one server port.</summary>
public static class FlowMaker
{
    private const byte Tcp = 6, Udp = 17;
    private const uint ClientNetwork = 0x0A00_0000, Server = 0xC0A8_0001; // 10.0.0.0/8 to 192.168.0.1
    private const ushort ServerPort = 9000;

    public static IEnumerable<FlowKey> Make(int count, RandomStream random) => Make(count, Udp, random);

    public static IEnumerable<FlowKey> MakeTcp(int count, RandomStream random) => Make(count, Tcp, random);

    private static IEnumerable<FlowKey> Make(int count, byte protocol, RandomStream random)
    {
        for (int i = 0; i < count; i++)
        {
            uint client = ClientNetwork | (uint)random.NextInt(1 << 24);
            yield return FlowKey.IPv4(client, Server, protocol).WithPorts((ushort)(1024 + random.NextInt(60_000)), ServerPort);
        }
    }
}
