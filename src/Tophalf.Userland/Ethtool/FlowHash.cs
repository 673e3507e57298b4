using System.Globalization;
using System.Text;
using Tophalf.Kernel.Networking;
using Tophalf.Linux;

namespace Tophalf.Userland.Ethtool;

/// <summary>ethtool -x and -X: the indirection table and the key of receive-side scaling.</summary>
internal static class FlowHash
{
    private const string NoRings = "Cannot get RX ring count";
    private const string NoSize = "Cannot get RX flow hash indir size and/or key size";
    private const string NotSet = "Cannot set RX flow hash configuration";
    private const int PerLine = 8;

    public static int? Show(EthtoolCall call)
    {
        int context = 0;
        if (call.Parameters is not [] && !(call.Parameters is ["context", var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out context)))
            return null;
        if (call.Ops?.GetRss() is not { } rss)
            return call.FailIoctl(NoRings, call.Missing.Errno);
        if (context != 0)
        {
            EthtoolResult result = call.Ops.GetRssContext(context, out RssSettings? settings);
            if (result.Errno != Errno.None)
                return call.FailIoctl(NoSize, result.Errno);
            rss = settings!;
        }
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"RX flow hash indirection table for {call.Device} with {rss.RxRings} RX ring(s):\n");
        for (int i = 0; i < rss.Table.Count; i++)
        {
            text.Append(i % PerLine == 0 ? $"{i,5}: " : "").Append(CultureInfo.InvariantCulture, $" {rss.Table[i],5}");
            text.Append(i % PerLine == PerLine - 1 || i == rss.Table.Count - 1 ? "\n" : "");
        }
        if (rss.Table.Count == 0)
            text.Append("Operation not supported\n");
        string key = rss.Key.Length == 0 ? "Operation not supported"
            : string.Join(':', rss.Key.Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
        text.Append(CultureInfo.InvariantCulture, $"RSS hash key:\n{key}\nRSS hash function:\n    toeplitz: on\n    xor: off\n    crc32: off\n");
        call.Write(text.ToString());
        return 0;
    }

    public static int? Set(EthtoolCall call)
    {
        if (FlowHashRequest.Parse(call.Parameters) is not { } request)
            return null;
        if (request.Conflict() is { } conflict)
            return call.Fail(conflict);
        if (call.Ops?.GetRss() is not { } rss)
            return call.FailIoctl(NoRings, call.Missing.Errno);
        byte[]? key = null;
        if (request.Key is { } keyText && HashKey.TryParse(keyText, rss.Key.Length, out key) is { } badKey)
            return call.Fail(badKey);
        if (request.Function is { } function && function != "toeplitz")
            return function is "xor" or "crc32" ? call.FailIoctl(NotSet, Errno.EOPNOTSUPP) : call.Fail($"Unknown hash function: {function}");
        if (request.IsForContext && request.Context is { } known && call.Ops.GetRssContext(known, out _) is { Errno: not Errno.None } missing)
            return call.FailIoctl(NoSize, missing.Errno);
        if (request.WeightError(rss.Table.Count) is { } badWeights)
            return call.Fail(badWeights);
        var table = request.Fill(rss.Table.Count, rss.RxRings);
        if (table is { Length: 0 })
            return call.FailIoctl(NotSet, Errno.EOPNOTSUPP);
        if (request.IsForContext)
            return SetContext(call, request, table, key);
        if (table is null && key is null)
            return 0;
        var result = call.Ops.SetRss(table, key, request.IsDefault);
        return result.Errno == Errno.None ? 0 : call.FailIoctl(NotSet, result.Errno);
    }

    private static int SetContext(EthtoolCall call, FlowHashRequest request, int[]? table, byte[]? key)
    {
        int? number = request.Context;
        EthtoolResult result = request.Deletes ? call.Ops!.DeleteRssContext(number!.Value) : call.Ops!.SetRssContext(ref number, table, key);
        if (result.Errno != Errno.None)
            return call.FailIoctl(NotSet, result.Errno);
        if (request.Context is null)
            call.Write($"New RSS context is {number}\n");
        return 0;
    }
}
