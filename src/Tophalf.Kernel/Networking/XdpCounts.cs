namespace Tophalf.Kernel.Networking;

/// <summary>What XDP programs did with the packets of one receive queue.</summary>
internal sealed class XdpCounts
{
    public long Dropped { get; set; }

    /// <summary>Sent back out of the card they came in by.</summary>
    public long Returned { get; set; }

    /// <summary>Packets, and their bytes, that never became an skb, because a program in the driver kept them.</summary>
    public long Kept { get; private set; }
    public long KeptBytes { get; private set; }

    public void Keep(int bytes)
    {
        Kept++;
        KeptBytes += bytes;
    }
}
