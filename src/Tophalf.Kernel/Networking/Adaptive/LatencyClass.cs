namespace Tophalf.Kernel.Networking.Adaptive;

/// <summary>enum latency_range of the e1000 family: what kind of traffic the last interrupt brought.</summary>
public enum LatencyClass { Lowest, Low, Bulk }

/// <summary>e1000_update_itr() of e1000e/netdev.c and igb_update_itr() of igb_main.c, which differ in one threshold.</summary>
public static class LatencyClasses
{
    /// <summary>Few bytes in bulk class mean latency again: below 6000 for e1000e, below 1500 for igb.</summary>
    public const int E1000eBulkEnds = 6000, IgbBulkEnds = 1500;

    public static LatencyClass Next(LatencyClass now, int packets, int bytes, int bulkEnds)
    {
        if (packets == 0) return now;
        int size = bytes / packets;
        switch (now)
        {
            case LatencyClass.Lowest:
                // Large segments and jumbo frames are bulk, however few.
                if (size > 8000) return LatencyClass.Bulk;
                return packets < 5 && bytes > 512 ? LatencyClass.Low : now;

            case LatencyClass.Low when bytes > 10_000:
                if (packets < 10 || size > 1200) return LatencyClass.Bulk;
                return packets > 35 ? LatencyClass.Lowest : now;

            case LatencyClass.Low:
                if (size > 2000) return LatencyClass.Bulk;
                return packets <= 2 && bytes < 512 ? LatencyClass.Lowest : now;

            default:
                if (bytes > 25_000) return packets > 35 ? LatencyClass.Low : now;
                return bytes < bulkEnds ? LatencyClass.Low : now;
        }
    }
}
