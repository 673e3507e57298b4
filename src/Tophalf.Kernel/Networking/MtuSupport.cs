namespace Tophalf.Kernel.Networking;

/// <summary>Which lengths of packets a driver takes (min_mtu and max_mtu of its struct net_device), and what a long frame costs it.</summary>
/// <param name="Most">max_mtu.</param>
public sealed record MtuSupport(int Most)
{
    public const int Ethernet = 1500, EthernetFrame = Ethernet + SkBuff.EthernetBytes;

    /// <summary>min_mtu.</summary>
    public int Least { get; init; } = 68;

    /// <summary>What it starts with.</summary>
    public int AtFirst { get; init; } = Ethernet;

    /// <summary>A receive buffer while packets longer than <see cref="Ethernet"/> are taken: a longer frame needs several descriptors. 0: one of whatever length.</summary>
    public int JumboBufferBytes { get; init; }

    /// <summary>The card drops what is longer; else it takes what comes.</summary>
    public bool CardDropsLonger { get; init; } = true;

    /// <summary>Of a frame with header and check sequence.</summary>
    public static int FrameBytes(int mtu) => mtu + SkBuff.EthernetBytes;
}
