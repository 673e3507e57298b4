namespace Tophalf.Kernel.Networking;

/// <summary>What a row of <c>ethtool -S</c> counts.</summary>
public enum NicCounter
{
    /// <summary>What does not happen on the twin: errors of the wire, checksums that are wrong, memory that runs out.</summary>
    Nothing,

    /// <summary>What happens once, when the device comes up.</summary>
    One,
    RxPackets,
    RxBytes,
    TxPackets,
    TxBytes,

    /// <summary>Frames that found no free descriptor.</summary>
    RingDrops,

    /// <summary>Frames that found the packet buffer full.</summary>
    PortDrops,

    /// <summary>Both.</summary>
    Missed,

    /// <summary>Frames longer than the card was told to take.</summary>
    TooLong,

    /// <summary>Frames a sender had no free descriptor for.</summary>
    TxFull,

    /// <summary>Pause frames sent that stop the sender, those that let it go on, and both.</summary>
    XoffSent,
    XonSent,
    PauseSent,
}

/// <summary>What a row of <c>ethtool -S</c> counts of one queue.</summary>
public enum QueueCounter
{
    RxPackets,
    RxBytes,
    RxDrops,
    TxPackets,
    TxBytes,
    Interrupts,
    Polls,

    /// <summary>Frames a program of XDP got, and what it did with them.</summary>
    XdpPackets,
    XdpTx,
    XdpRedirects,
    XdpDrops,
    Nothing,
}

/// <summary>Under which statistics of a link (struct rtnl_link_stats64) a driver counts frames it has not received.</summary>
public enum LinkCounter
{
    None,
    Missed,
    Dropped,
    Errors,

    /// <summary>rx_missed_errors and rx_fifo_errors both.</summary>
    MissedAndFifo,
}
