namespace Tophalf.Kernel.Networking.Xdp;

/// <summary>What XDP programs did with the packets of one receive queue.</summary>
internal sealed class XdpCounts
{
    /// <summary>By the program's word, or because what it wanted could not be done.</summary>
    public long Dropped { get; set; }

    /// <summary>Sent back out of the card they came in by.</summary>
    public long Returned { get; set; }

    /// <summary>Taken by a map (xdp_do_redirect returned 0), whatever became of them later.</summary>
    public long Redirected { get; set; }

    /// <summary>Packets, and their bytes, that never became an skb, because a program in the driver kept them.</summary>
    public long Kept { get; private set; }
    public long KeptBytes { get; private set; }

    public void Keep(int bytes)
    {
        Kept++;
        KeptBytes += bytes;
    }
}
