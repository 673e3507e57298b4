using System.Buffers.Binary;
using System.Net;
using Tophalf.Hardware.Devices;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// Microsoft, "Verifying the RSS Hash Calculation"; the same values in the Intel 82599 datasheet, §7.1.2.8.3,
/// and in DPDK, app/test/test_thash.c.
/// </summary>
public class S1RssToeplitz
{
    [Theory]
    [InlineData("66.9.149.187:2794", "161.142.100.80:1766", 0x323e8fc2, 0x51ccc178)]
    [InlineData("199.92.111.2:14230", "65.69.140.83:4739", 0xd718262a, 0xc626b0ea)]
    [InlineData("24.19.198.95:12898", "12.22.207.184:38024", 0xd2d0a5de, 0x5c2b394a)]
    [InlineData("38.27.205.30:48228", "209.142.163.6:2217", 0x82989176, 0xafc7327f)]
    [InlineData("153.39.163.191:44251", "202.188.127.2:1303", 0x5d1809c5, 0x10e828a2)]
    [InlineData("[3ffe:2501:200:1fff::7]:2794", "[3ffe:2501:200:3::1]:1766", 0x2cc18cd5, 0x40207d3d)]
    [InlineData("[3ffe:501:8::260:97ff:fe40:efab]:14230", "[ff02::1]:4739", 0x0f0c461c, 0xdde51bbf)]
    [InlineData("[3ffe:1900:4545:3:200:f8ff:fe21:67cf]:44251", "[fe80::200:f8ff:fe21:67cf]:38024", 0x4b61e985, 0x02d1feef)]
    public void The_published_hashes_are_reproduced(string source, string destination, uint byAddresses, uint byAddressesAndPorts)
    {
        var hash = new Toeplitz(Toeplitz.MicrosoftKey);
        var flow = Flow(source, destination);

        Assert.Equal($"{byAddresses:x8}", $"{hash.Hash(flow, withPorts: false):x8}");
        Assert.Equal($"{byAddressesAndPorts:x8}", $"{hash.Hash(flow, withPorts: true):x8}");
    }

    /// <summary>An indirection table of 128 entries filled round robin over 8 queues, as drivers leave it (ethtool_rxfh_indir_default).</summary>
    [Theory]
    [InlineData("66.9.149.187:2794", "161.142.100.80:1766", 120, 0)]
    [InlineData("199.92.111.2:14230", "65.69.140.83:4739", 106, 2)]
    [InlineData("24.19.198.95:12898", "12.22.207.184:38024", 74, 2)]
    [InlineData("38.27.205.30:48228", "209.142.163.6:2217", 127, 7)]
    [InlineData("153.39.163.191:44251", "202.188.127.2:1303", 34, 2)]
    public void The_low_seven_bits_choose_the_entry_and_the_entry_the_queue(string source, string destination, int entry, int queue)
    {
        int[] indirectionTable = Enumerable.Range(0, 128).Select(i => i % 8).ToArray();
        uint hash = new Toeplitz(Toeplitz.MicrosoftKey).Hash(Flow(source, destination), withPorts: true);

        Assert.Equal(entry, (int)(hash & 127));
        Assert.Equal(queue, indirectionTable[hash & 127]);
    }

    private static FlowKey Flow(string source, string destination)
    {
        var (from, to) = (IPEndPoint.Parse(source), IPEndPoint.Parse(destination));
        byte[] fromBytes = from.Address.GetAddressBytes(), toBytes = to.Address.GetAddressBytes();
        var flow = fromBytes.Length == 4
            ? FlowKey.IPv4(BinaryPrimitives.ReadUInt32BigEndian(fromBytes), BinaryPrimitives.ReadUInt32BigEndian(toBytes), 6)
            : FlowKey.IPv6(BinaryPrimitives.ReadUInt128BigEndian(fromBytes), BinaryPrimitives.ReadUInt128BigEndian(toBytes), 6);
        return flow.WithPorts((ushort)from.Port, (ushort)to.Port);
    }
}
