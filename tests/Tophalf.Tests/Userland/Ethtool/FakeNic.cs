using Tophalf.Kernel.Networking;
using Tophalf.Linux;

namespace Tophalf.Tests.Userland.Ethtool;

/// <summary>A driver that keeps what it is told, behind the checks of net/ethtool; null parts are operations it does not have.</summary>
internal sealed class FakeNic(string name) : IEthtoolOps
{
    public CoalesceSettings? Coalesce { get; set; }

    public Channels? Channels { get; set; }

    public RingParameters? Rings { get; set; }

    public RssSettings? Rss { get; set; }

    public List<(string Name, ulong Value)> Statistics { get; } = [];

    /// <summary>What the next setting is answered, if not success.</summary>
    public EthtoolResult Answer { get; set; }

    public List<CoalesceSettings> CoalesceChanges { get; } = [];

    public List<(int? Rx, int? Tx, int? Other, int? Combined)> ChannelChanges { get; } = [];

    public List<(int? Rx, int? Tx)> RingChanges { get; } = [];

    public string InterfaceName => name;

    /// <summary>The virtio_net of a Linux 6.18 guest, as ethtool 6.1 showed it there.</summary>
    public static FakeNic Virtio() => new("eth0")
    {
        Coalesce = new CoalesceSettings { AdaptiveRx = false, RxUsecs = 0, RxFrames = 1, TxUsecs = 0, TxFrames = 1 },
        Channels = new Channels(null, null, null, 1, null, null, null, 1),
        Rings = new RingParameters(256, 256, 256, 256),
        Rss = new RssSettings([], [], 1),
    };

    /// <summary>A card with eight queues, a table of 16 entries and a Toeplitz key.</summary>
    public static FakeNic MultiQueue(string name = "enp3s0f0") => new(name)
    {
        Coalesce = new CoalesceSettings { AdaptiveRx = true, AdaptiveTx = true, RxUsecs = 50, TxUsecs = 50 },
        Channels = new Channels(null, null, 1, 64, null, null, 1, 8),
        Rings = new RingParameters(4096, 4096, 512, 512),
        Rss = new RssSettings([.. Enumerable.Range(0, 16).Select(i => i % 8)], [.. Enumerable.Range(0, 40).Select(i => (byte)(i * 7))], 8),
    };

    public DriverInfo GetDriverInfo() => new("virtio_net", "1.0.0", "", "0000:00:03.0", DriverOffers.None);

    public CoalesceSettings? GetCoalesce() => Coalesce;

    public EthtoolResult SetCoalesce(CoalesceSettings change)
    {
        CoalesceChanges.Add(change);
        return Answer;
    }

    public Channels? GetChannels() => Channels;

    public EthtoolResult SetChannels(int? rx, int? tx, int? other, int? combined)
    {
        ChannelChanges.Add((rx, tx, other, combined));
        return Answer;
    }

    public RingParameters? GetRings() => Rings;

    public EthtoolResult SetRings(int? rx, int? tx)
    {
        RingChanges.Add((rx, tx));
        return Answer;
    }

    public RssSettings? GetRss() => Rss;

    public EthtoolResult SetRss(IReadOnlyList<int>? table, byte[]? key, bool isDefault)
    {
        if (Answer.Errno == Errno.None)
            Rss = Rss! with { Table = table ?? Rss.Table, Key = key ?? Rss.Key };
        return Answer;
    }

    public IReadOnlyList<(string Name, ulong Value)> GetStatistics() => Statistics;
}
