using Tophalf.Hardware.Devices;

namespace Tophalf.Kernel.Networking;

/// <summary>What goes up the stack in one piece: a packet, or segments of one stream that GRO has merged.</summary>
/// <param name="Packet">The first frame; pushed, where the last segment is.</param>
/// <param name="Segments">gso_segs: how many frames are in it.</param>
/// <param name="IsRedirected">An XDP program has sent it here.</param>
internal readonly record struct SkBuff(Packet Packet, int Segments, bool IsRedirected = false)
{
    /// <summary>Ethernet's header and check sequence.</summary>
    public const int EthernetBytes = 14 + 4;
}
