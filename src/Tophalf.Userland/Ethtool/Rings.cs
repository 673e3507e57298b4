using Tophalf.Kernel.Networking;
using Tophalf.Linux;

namespace Tophalf.Userland.Ethtool;

/// <summary>ethtool -g and -G: descriptor ring sizes.</summary>
internal static class Rings
{
    private const string AboveMaximum = "requested ring size exceeds maximum";
    private const int SetFailed = 81;

    // ETHTOOL_A_RINGS_*.
    private static readonly NetlinkParameter[] Parameters =
    [
        new("rx", 6), new("rx-mini", 7), new("rx-jumbo", 8), new("tx", 9),
        new("rx-buf-len", 10), new("cqe-size", 12), new("tx-push", 13, ParameterType.Switch),
    ];

    public static int Show(EthtoolCall call)
    {
        if (call.Ops?.GetRings() is not { } r)
            return call.FailNetlink(call.Missing);
        call.Write($"Ring parameters for {call.Device}:\n"
            + $"Pre-set maximums:\nRX:\t\t{r.MaxRx}\nRX Mini:\tn/a\nRX Jumbo:\tn/a\nTX:\t\t{r.MaxTx}\n"
            + $"Current hardware settings:\nRX:\t\t{r.Rx}\nRX Mini:\tn/a\nRX Jumbo:\tn/a\nTX:\t\t{r.Tx}\n"
            + "RX Buf Len:\t\tn/a\nCQE Size:\t\tn/a\nTX Push:\toff\nTCP data split:\tn/a\n");
        return 0;
    }

    public static int Set(EthtoolCall call)
    {
        if (NetlinkRequest.Parse(call, "-G", Parameters) is not { } request)
            return 1;
        if (call.Ops?.GetRings() is not { } now)
            return call.FailNetlink(call.Missing, status: SetFailed);
        foreach (var (name, words) in new[] { ("rx-buf-len", "rx buf len"), ("cqe-size", "cqe size"), ("tx-push", "tx push") })
            if (request.Number(name) is not null)
                return call.FailNetlink(
                    new EthtoolResult(Errno.EOPNOTSUPP, $"setting {words} not supported"), request.OffsetOf(n => n == name), SetFailed);
        if (request.IsEmpty)
            return 0;

        bool Exceeds(string name) => request.Count(name) > (name switch { "rx" => now.MaxRx, "tx" => now.MaxTx, _ => 0 });

        // The driver has no mini and jumbo rings to be asked about: their maximum is 0.
        var result = Exceeds("rx-mini") || Exceeds("rx-jumbo")
            ? new EthtoolResult(Errno.EINVAL, AboveMaximum)
            : call.Ops.SetRings(request.Count("rx"), request.Count("tx"));
        if (result.Errno == Errno.None)
            return 0;
        return call.FailNetlink(result, result.Message == AboveMaximum ? request.OffsetOf(Exceeds) : null, SetFailed);
    }
}
