using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Networking;
using Xunit;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>When a piece of a stream is acknowledged (net/ipv4/tcp_input.c).</summary>
public class TcpReceiverTests
{
    /// <summary>Pieces are FIRSTxSEGMENTS, with ! for PSH; what follows is the number acknowledged, or a dash.</summary>
    [Theory]
    [InlineData("0x1 1x1 2x1 3x1", "- 2 - 4")]
    [InlineData("0x3 3x1 4x2", "3 - 6")]
    [InlineData("0x1! 1x1", "1 -")]
    [InlineData("0x1 2x1 3x5 1x1", "- 1 1 -")]
    [InlineData("0x4 0x4 2x4 6x1 7x1", "4 4 6 - 8")]
    [InlineData("0x1023 1023x1023 2046x4", "1023 2046 2")]
    public void An_acknowledgement_goes_out_for_two_segments_a_pushed_one_and_whatever_is_out_of_place(string pieces, string acknowledged)
    {
        var receiver = new TcpReceiver();
        var said = new List<string>();
        foreach (string piece in pieces.Split(' '))
        {
            int[] parts = [.. piece.TrimEnd('!').Split('x').Select(int.Parse)];
            var skb = new SkBuff(new Packet(0, 1518, 0, new TcpSegment(parts[0], piece.EndsWith('!'))), parts[1]);
            bool foreseen = receiver.Acknowledges(skb);
            Assert.Equal(foreseen, receiver.Receive(skb, out _));
            said.Add(foreseen ? $"{receiver.Next}" : "-");
        }
        Assert.Equal(acknowledged, string.Join(' ', said));
    }
}
