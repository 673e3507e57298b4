using System.Text;
using Tophalf.Kernel.Networking;

namespace Tophalf.Kernel.Procfs;

/// <summary>
/// /proc/net/snmp and /proc/net/netstat (net/ipv4/proc.c): a line of names and a line of values for each protocol, in the words of Linux 6.1. Counters of what the twin's hosts do not do, such
/// as fragments, ICMP or lost segments, are 0.
/// </summary>
internal static class SnmpFiles
{
    private const string Ip =
        "Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards InDelivers OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs "
        + "FragFails FragCreates";

    private const string Icmp =
        "InMsgs InErrors InCsumErrors InDestUnreachs InTimeExcds InParmProbs InSrcQuenchs InRedirects InEchos InEchoReps InTimestamps InTimestampReps InAddrMasks InAddrMaskReps OutMsgs OutErrors "
        + "OutRateLimitGlobal OutRateLimitHost OutDestUnreachs OutTimeExcds OutParmProbs OutSrcQuenchs OutRedirects OutEchos OutEchoReps OutTimestamps OutTimestampReps OutAddrMasks OutAddrMaskReps";

    private const string Tcp = "RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors";
    private const string Udp = "InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors";

    private const string TcpExt =
        "SyncookiesSent SyncookiesRecv SyncookiesFailed EmbryonicRsts PruneCalled RcvPruned OfoPruned OutOfWindowIcmps LockDroppedIcmps ArpFilter TW TWRecycled TWKilled PAWSActive PAWSEstab DelayedACKs "
        + "DelayedACKLocked DelayedACKLost ListenOverflows ListenDrops TCPHPHits TCPPureAcks TCPHPAcks TCPRenoRecovery TCPSackRecovery TCPSACKReneging TCPSACKReorder TCPRenoReorder TCPTSReorder TCPFullUndo "
        + "TCPPartialUndo TCPDSACKUndo TCPLossUndo TCPLostRetransmit TCPRenoFailures TCPSackFailures TCPLossFailures TCPFastRetrans TCPSlowStartRetrans TCPTimeouts TCPLossProbes TCPLossProbeRecovery "
        + "TCPRenoRecoveryFail TCPSackRecoveryFail TCPRcvCollapsed TCPBacklogCoalesce TCPDSACKOldSent TCPDSACKOfoSent TCPDSACKRecv TCPDSACKOfoRecv TCPAbortOnData TCPAbortOnClose TCPAbortOnMemory "
        + "TCPAbortOnTimeout TCPAbortOnLinger TCPAbortFailed TCPMemoryPressures TCPMemoryPressuresChrono TCPSACKDiscard TCPDSACKIgnoredOld TCPDSACKIgnoredNoUndo TCPSpuriousRTOs TCPMD5NotFound "
        + "TCPMD5Unexpected TCPMD5Failure TCPSackShifted TCPSackMerged TCPSackShiftFallback TCPBacklogDrop PFMemallocDrop TCPMinTTLDrop TCPDeferAcceptDrop IPReversePathFilter TCPTimeWaitOverflow "
        + "TCPReqQFullDoCookies TCPReqQFullDrop TCPRetransFail TCPRcvCoalesce TCPOFOQueue TCPOFODrop TCPOFOMerge TCPChallengeACK TCPSYNChallenge TCPFastOpenActive TCPFastOpenActiveFail TCPFastOpenPassive "
        + "TCPFastOpenPassiveFail TCPFastOpenListenOverflow TCPFastOpenCookieReqd TCPFastOpenBlackhole TCPSpuriousRtxHostQueues BusyPollRxPackets TCPAutoCorking TCPFromZeroWindowAdv TCPToZeroWindowAdv "
        + "TCPWantZeroWindowAdv TCPSynRetrans TCPOrigDataSent TCPHystartTrainDetect TCPHystartTrainCwnd TCPHystartDelayDetect TCPHystartDelayCwnd TCPACKSkippedSynRecv TCPACKSkippedPAWS TCPACKSkippedSeq "
        + "TCPACKSkippedFinWait2 TCPACKSkippedTimeWait TCPACKSkippedChallenge TCPWinProbe TCPKeepAlive TCPMTUPFail TCPMTUPSuccess TCPDelivered TCPDeliveredCE TCPAckCompressed TCPZeroWindowDrop TCPRcvQDrop "
        + "TCPWqueueTooBig TCPFastOpenPassiveAltKey TcpTimeoutRehash TcpDuplicateDataRehash TCPDSACKRecvSegs TCPDSACKIgnoredDubious TCPMigrateReqSuccess TCPMigrateReqFailure";

    public static string Snmp(Kernel kernel)
    {
        kernel.Sync();
        var text = new StringBuilder();
        List<NetDevice> devices = kernel.NetDevices;
        long Sum(Func<NetDevice, long> count) => devices.Sum(count);
        long full = Sum(device => device.SocketDropped), pieces = Sum(device => device.StreamPieces), acks = Sum(device => device.StreamAcks);
        long forwarded = Sum(device => device.ForwardedByStack), datagrams = Sum(device => device.ReceivedByTasks), queued = Sum(device => device.Receivers.Sum(receiver => receiver.Socket.Count));
        long answers = Sum(device => device.AnsweredByTasks);
        Add(text, "Ip", Ip, ("Forwarding", devices.Any(device => device.Forwards) ? 1 : 2), ("DefaultTTL", 64), ("InReceives", datagrams + queued + full + pieces + Sum(device => device.EndedInStack)),
            ("ForwDatagrams", forwarded), ("InDelivers", datagrams + queued + full + pieces), ("OutRequests", answers + acks));
        Add(text, "Icmp", Icmp);
        Add(text, "Tcp", Tcp, ("RtoAlgorithm", 1), ("RtoMin", 200), ("RtoMax", 120_000), ("MaxConn", -1), ("CurrEstab", Sum(device => device.StreamCount)), ("InSegs", pieces), ("OutSegs", acks));
        Add(text, "Udp", Udp, ("InDatagrams", datagrams), ("InErrors", full), ("OutDatagrams", answers), ("RcvbufErrors", full));
        Add(text, "UdpLite", Udp);
        return text.ToString();
    }

    public static string Netstat(Kernel kernel)
    {
        kernel.Sync();
        var text = new StringBuilder();
        Add(text, "TcpExt", TcpExt, ("BusyPollRxPackets", kernel.BusyPolledPackets));
        return text.ToString();
    }

    private static void Add(StringBuilder text, string protocol, string names, params (string Name, long Value)[] counts)
    {
        text.Append(protocol).Append(": ").Append(names).Append('\n').Append(protocol).Append(':');
        foreach (string name in names.Split(' ')) text.Append(' ').Append(Array.Find(counts, count => count.Name == name).Value);
        text.Append('\n');
    }
}
