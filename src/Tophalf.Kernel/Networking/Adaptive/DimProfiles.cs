namespace Tophalf.Kernel.Networking.Adaptive;

/// <summary>The five levels a driver gives to net DIM, from short to long delays (lib/dim/net_dim.c; ice: ice_main.c).</summary>
public static class DimProfiles
{
    public static IReadOnlyList<DimProfile> RxEqe { get; } = [new(1, 256), new(8, 256), new(64, 256), new(128, 256), new(256, 256)];
    public static IReadOnlyList<DimProfile> RxCqe { get; } = [new(2, 256), new(8, 128), new(16, 64), new(32, 64), new(64, 64)];
    public static IReadOnlyList<DimProfile> TxEqe { get; } = [new(1, 128), new(8, 128), new(32, 128), new(64, 128), new(128, 128)];
    public static IReadOnlyList<DimProfile> TxCqe { get; } = [new(5, 128), new(8, 64), new(16, 32), new(32, 32), new(64, 32)];

    /// <summary>ice sets only times.</summary>
    public static IReadOnlyList<DimProfile> IceRx { get; } = [new(2, 0), new(8, 0), new(16, 0), new(62, 0), new(126, 0)];
    public static IReadOnlyList<DimProfile> IceTx { get; } = [new(2, 0), new(8, 0), new(40, 0), new(128, 0), new(256, 0)];

    public static IReadOnlyList<DimProfile> Rx(AdaptiveKind kind, bool cqe) => kind == AdaptiveKind.Ice ? IceRx : cqe ? RxCqe : RxEqe;
    public static IReadOnlyList<DimProfile> Tx(AdaptiveKind kind, bool cqe) => kind == AdaptiveKind.Ice ? IceTx : cqe ? TxCqe : TxEqe;
}
