namespace Tophalf.Kernel.Networking;

/// <summary>Virtual functions of a card (SR-IOV): how many, where on the bus, and which driver takes them.</summary>
/// <param name="TotalVfs">sriov_totalvfs.</param>
/// <param name="Vf">Their driver.</param>
/// <param name="Offset">Routing ids from the physical function to the first (First VF Offset of the SR-IOV capability).</param>
/// <param name="Stride">And from each to the next.</param>
public sealed record SriovSupport(int TotalVfs, NicModel Vf, int Offset, int Stride)
{
    /// <summary>What a function may be limited to (ndo_set_vf_rate), in Mb/s: above <see cref="RateAbove"/>, in multiples of <see cref="RateStep"/>; null: the driver has no limits.</summary>
    public int? RateAbove { get; init; }
    public int RateStep { get; init; } = 1;
}
