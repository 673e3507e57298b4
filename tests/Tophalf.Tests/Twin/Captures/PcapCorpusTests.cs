using System.Runtime.InteropServices;
using System.Text;
using Tophalf.Hardware.Devices;
using Tophalf.Tests.Corpus;
using Tophalf.Twin.Captures;
using Xunit;

namespace Tophalf.Tests.Twin.Captures;

/// <summary>Captures that people published, held against counts made with another program.</summary>
public class PcapCorpusTests
{
    [CorpusFact]
    public void Packets_flows_and_the_largest_flow_of_published_captures_are_found()
    {
        var text = new StringBuilder();
        foreach (string path in Directory.EnumerateFiles(Path.Combine(CorpusFolder.Path!, "pcap"), "*.pcap").Order(StringComparer.Ordinal))
            text.AppendLine($"{Path.GetFileName(path)}: {Describe(path)}");

        Assert.Equal(
            """
            01-synscan.pcap: 2011 packets, 2002 flows, largest 4, Ethernet
            02-fix2.pcap: 3049 packets, 5 flows, largest 1304, Ethernet
            03-gnutella.pcap: 3905 packets, 938 flows, largest 183, Ethernet
            04-netflix.pcap: 1793 packets, 119 flows, largest 39, Ethernet
            05-ip_fragmented_garbage.pcap: 1252 packets, 5 flows, largest 1248, Ethernet
            06-KakaoTalk_talk.pcap: 3203 packets, 33 flows, largest 757, LinuxCooked

            """,
            text.ToString());
    }

    private static string Describe(string path)
    {
        using var file = File.OpenRead(path);
        var reader = new CaptureReader(file);
        var packetsByFlow = new Dictionary<FlowKey, int>();
        var linkTypes = new SortedSet<LinkType>();
        while (reader.TryRead(out var packet))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(packetsByFlow, Counted(packet), out _)++;
            linkTypes.Add(packet.LinkType);
        }

        Assert.Null(reader.Truncated);
        Assert.Equal(0, reader.BackwardStamps);
        return $"{reader.PacketCount} packets, {packetsByFlow.Count} flows, largest {packetsByFlow.Values.Max()}, {string.Join('+', linkTypes)}";
    }

    /// <summary>As the corpus counts: five-tuples; without ports the pair of addresses; all that is not IP as one.</summary>
    private static FlowKey Counted(CapturedPacket packet) =>
        packet.Flow.HasPorts ? packet.Flow with { IsFragment = false } : packet.Flow with { IsFragment = false, Protocol = 0 };
}
