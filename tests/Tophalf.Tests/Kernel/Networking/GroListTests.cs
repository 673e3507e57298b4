using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Networking;
using Xunit;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>
/// What GRO merges, holds and lets go (net/core/gro.c, net/ipv4/tcp_offload.c). A flow is its own hash here, so flows 0, 8, 16 … share a bucket. A step is written
/// FLOW:NUMBER, with ! for PSH; what goes up is FLOW:FIRSTxSEGMENTS.
/// </summary>
public class GroListTests
{
    [Theory]
    [InlineData("1:0 1:1 1:2", "", "1:0x3")]
    [InlineData("1:0 1:1 1:2!", "1:0x3!", "")]
    [InlineData("1:0!", "1:0x1!", "")]
    [InlineData("1:0 2:0 1:1 2:1!", "2:0x2!", "1:0x2")]
    [InlineData("1:0 1:2", "1:0x1", "1:2x1")]
    [InlineData("1:0 1:2!", "1:0x1 1:2x1!", "")]
    [InlineData("1:2047 1:0 1:1", "", "1:2047x3")]
    [InlineData("0:0 8:0 16:0 24:0 32:0 40:0 48:0 56:0 8:1 64:0", "0:0x1", "8:0x2 16:0x1 24:0x1 32:0x1 40:0x1 48:0x1 56:0x1 64:0x1")]
    public void Segments_that_follow_each_other_are_one_until_something_ends_it(string came, string wentUp, string flushed)
    {
        var gro = new GroList();
        Assert.Equal(wentUp, string.Join(' ', came.Split(' ').SelectMany(step => Receive(gro, step, 1448, jiffies: 1))));
        Assert.Equal(flushed, string.Join(' ', Flush(gro, oldOnly: false, jiffies: 1)));
    }

    [Fact]
    public void An_aggregate_of_45_full_segments_is_as_long_as_it_gets()
    {
        var gro = new GroList();
        // 52 bytes of headers and 45 times 1448 are 65 212; one more would not stay below 65 536.
        string[] wentUp = [.. Enumerable.Range(0, 100).SelectMany(number => Receive(gro, $"1:{number}", 1448, jiffies: 1))];
        Assert.Equal(["1:0x45", "1:45x45"], wentUp);
        Assert.Equal(["1:90x10"], Flush(gro, oldOnly: false, jiffies: 1));
    }

    [Fact]
    public void A_flush_of_old_segments_keeps_those_of_the_present_jiffy()
    {
        var gro = new GroList();
        foreach (string step in new[] { "1:0", "9:0", "2:0" }) Assert.Empty(Receive(gro, step, 1448, jiffies: 7));
        Assert.Empty(Receive(gro, "3:0", 1448, jiffies: 8));
        // Merging does not make an aggregate younger.
        Assert.Empty(Receive(gro, "1:1", 1448, jiffies: 8));
        Assert.Equal(["1:0x2", "9:0x1", "2:0x1"], Flush(gro, oldOnly: true, jiffies: 8));
        Assert.Equal((1, 1), (gro.Count, gro.Segments));
    }

    [Fact]
    public void Every_segment_leaves_once_in_its_flows_order_and_no_piece_is_too_long()
    {
        Gen<(int Flow, int Skip, bool Push)> step =
            from flow in Gen.Choose(0, 30)
            from skip in Gen.Frequency((9, Gen.Constant(0)), (1, Gen.Choose(1, 3)))
            from push in Gen.Frequency((9, Gen.Constant(false)), (1, Gen.Constant(true)))
            select (flow, skip, push);
        Prop.ForAll(Arb.From(Gen.ArrayOf(step)), Gen.Elements(100, 1448, 8948).ToArbitrary(), KeepsItsBooks)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(400));
    }

    private static bool KeepsItsBooks((int Flow, int Skip, bool Push)[] steps, int payload)
    {
        var gro = new GroList();
        var next = new int[31];
        var sent = new List<(int, int)>();
        var left = new List<string>();
        foreach ((int flow, int skip, bool push) in steps)
        {
            next[flow] += skip;
            sent.Add((flow, next[flow]));
            left.AddRange(Receive(gro, $"{flow}:{next[flow]++}{(push ? "!" : "")}", payload, jiffies: 1));
            if (gro.Segments != gro.Received - gro.Left || gro.Count > 64) return false;
        }
        left.AddRange(Flush(gro, oldOnly: false, jiffies: 1));
        (int, int)[] arrived = [.. left.SelectMany(Numbers)];
        return gro.Segments == 0 && sent.GroupBy(one => one.Item1).All(flow => flow.SequenceEqual(arrived.Where(one => one.Item1 == flow.Key)))
            && left.All(piece => Numbers(piece).Count() * payload + 52 < 65_536);
    }

    private static IEnumerable<(int Flow, int Number)> Numbers(string piece)
    {
        int[] parts = [.. piece.TrimEnd('!').Split(':', 'x').Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
        return Enumerable.Range(parts[1], parts[2]).Select(number => (parts[0], number));
    }

    private static List<string> Receive(GroList gro, string step, int payload, long jiffies)
    {
        string[] parts = step.TrimEnd('!').Split(':');
        int flow = int.Parse(parts[0], CultureInfo.InvariantCulture), number = int.Parse(parts[1], CultureInfo.InvariantCulture);
        var segment = new Packet(0, payload + NetDevice.TcpFrameBytes, flow, new TcpSegment(number, step.EndsWith('!')));
        GroList.Result foreseen = gro.Peek(segment, (uint)flow), result = gro.Receive(segment, (uint)flow, jiffies);
        Assert.Equal(foreseen, result);
        return [.. new[] { result.First, result.Second }.Take(result.Count).Select(Text)];
    }

    private static IEnumerable<string> Flush(GroList gro, bool oldOnly, long jiffies)
    {
        while (gro.TryPeekFlush(oldOnly, jiffies, out SkBuff first))
        {
            Assert.Equal(first, gro.TakeFlushed(oldOnly, jiffies));
            yield return Text(first);
        }
    }

    private static string Text(SkBuff skb) => $"{skb.Packet.Flow}:{skb.Packet.Segment.Number}x{skb.Segments}{(skb.Packet.Segment.IsPushed ? "!" : "")}";
}
