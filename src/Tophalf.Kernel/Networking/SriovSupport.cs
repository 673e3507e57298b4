namespace Tophalf.Kernel.Networking;

/// <summary>Virtual functions of a card (SR-IOV): how many, where on the bus, and which driver takes them.</summary>
/// <param name="TotalVfs">sriov_totalvfs.</param>
/// <param name="Vf">Their driver.</param>
/// <param name="Offset">Routing ids from the physical function to the first (First VF Offset of the SR-IOV capability).</param>
/// <param name="Stride">And from each to the next.</param>
public sealed record SriovSupport(int TotalVfs, NicModel Vf, int Offset, int Stride);
