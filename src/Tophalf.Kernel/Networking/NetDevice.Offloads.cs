using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Networking;

/// <summary>
/// What the card does for the receiver besides: check sequences of TCP and UDP, which the kernel else works out byte by byte (in GRO or TCP for segments, while copying for datagrams), and large receive
/// offload, which hands up segments of a stream that follow each other as one packet of many buffers.
/// </summary>
public sealed partial class NetDevice
{
    private const string Lro = "rx-lro";
    private bool _receivesLarge, _checksReceived, _checksSent;

    private void FollowFeatures()
    {
        _mergesSegments = _features["rx-gro"];
        _receivesLarge = _features[Lro];
        _checksReceived = _features["rx-checksum"];
        _checksSent = _features["tx-checksum-ip-generic"] || _features["tx-checksum-ipv4"];
    }

    /// <summary>dev_disable_lro(): a generic program wants packets as they came. Who switches it on again afterwards gets it.</summary>
    private void DisableLro()
    {
        _features.Set([(Lro, false)]);
        FollowFeatures();
    }

    /// <summary>Segments are merged before the stack, by the card or by GRO.</summary>
    internal bool MergesSegments => UsesGro || _receivesLarge;

    /// <summary>What the poll spends on a segment, and what comes above.</summary>
    private long SegmentInPollPs(in Packet segment, long driverPs, int queue, Cpu cpu)
    {
        if (!MergesSegments) return driverPs + UpPs(new SkBuff(segment, 1), queue, cpu);
        GroList gro = _napis[queue].Gro;
        long abovePs = SegmentPs(segment, gro, queue, cpu, out bool merges);
        // The card has put it behind the one before: a buffer more.
        if (_receivesLarge && merges) return _kernel.Costs.ReceiveBuffer + abovePs - _kernel.Costs.GroMerge;
        return driverPs + ReceiveChecksumPs(segment.Bytes) + abovePs;
    }

    /// <summary>What the check of a received packet costs where the card has not done it.</summary>
    internal long ReceiveChecksumPs(int bytes) => _checksReceived ? 0 : (long)(bytes * _kernel.Costs.ChecksumPsPerByte);

    /// <summary>What the check sequence of a message to be sent costs where the card does not write it.</summary>
    internal long SendChecksumPs(int bytes) => _checksSent ? 0 : (long)(bytes * _kernel.Costs.ChecksumPsPerByte);
}
