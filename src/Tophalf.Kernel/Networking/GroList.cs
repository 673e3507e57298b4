using Tophalf.Hardware.Devices;

namespace Tophalf.Kernel.Networking;

/// <summary>
/// Generic receive offload of one NAPI context (net/core/gro.c; net/ipv4/tcp_offload.c, tcp_gro_receive): segments of a stream that follow each other are merged, and held in one
/// of eight lists by their flow's hash until they are pushed, too long, displaced by a ninth flow, or flushed. All segments of a stream have the same length.
/// </summary>
internal sealed class GroList
{
    /// <summary>GRO_HASH_BUCKETS and MAX_GRO_SKBS.</summary>
    private const int Buckets = 8, MostInBucket = 8;

    /// <summary>gro_max_size, GRO_LEGACY_MAX_SIZE: what is merged stays shorter, from the network header on.</summary>
    private const int MaxBytes = 65_536;

    private readonly Held[] _held = new Held[Buckets * MostInBucket];
    private readonly int[] _counts = new int[Buckets];

    /// <summary>Aggregates, and segments in them.</summary>
    public int Count { get; private set; }
    public int Segments { get; private set; }

    /// <summary>Segments that came, and those that left, merged or not.</summary>
    public long Received { get; private set; }
    public long Left { get; private set; }

    /// <summary>What a segment did, or would do.</summary>
    /// <param name="Merges">It is appended to an aggregate.</param>
    /// <param name="Count">So much goes up because of it, in this order.</param>
    public readonly record struct Result(bool Merges, int Count, SkBuff First, SkBuff Second);

    /// <summary>One aggregate. A bucket has its oldest first.</summary>
    private record struct Held(SkBuff Skb, int Bytes, long Jiffies);

    /// <summary>dev_gro_receive(), without doing it.</summary>
    public Result Peek(in Packet segment, uint hash) => Decide(segment, Find(segment.Flow, BucketOf(hash)), BucketOf(hash), out _);

    /// <summary>dev_gro_receive().</summary>
    public Result Receive(in Packet segment, uint hash, long jiffies)
    {
        int bucket = BucketOf(hash), at = Find(segment.Flow, bucket);
        Result result = Decide(segment, at, bucket, out bool holds);
        Received++;
        Segments++;
        if (result.Merges) _held[at] = Merged(_held[at], segment);
        if (result.Count > 0 && at >= 0) Remove(bucket, at);
        else if (result.Count > 0 && holds) Remove(bucket, bucket * MostInBucket);
        if (result.Count > 0) Leave(result.First);
        if (result.Count > 1) Leave(result.Second);
        if (!holds) return result;
        _held[bucket * MostInBucket + _counts[bucket]++] = new Held(new SkBuff(segment, 1), segment.Bytes - SkBuff.EthernetBytes, jiffies);
        Count++;
        return result;
    }

    private Result Decide(in Packet segment, int at, int bucket, out bool holds)
    {
        bool isPushed = segment.Segment.IsPushed, isFound = at >= 0;
        bool merges = isFound && Follows(_held[at], segment) && _held[at].Bytes + Payload(segment) < MaxBytes;
        holds = !merges && !isPushed;
        var alone = new SkBuff(segment, 1);
        if (merges) return new Result(true, isPushed ? 1 : 0, isPushed ? Merged(_held[at], segment).Skb : default, default);
        if (isFound) return new Result(false, holds ? 1 : 2, _held[at].Skb, holds ? default : alone);
        if (!holds) return new Result(false, 1, alone, default);
        bool displaces = _counts[bucket] == MostInBucket;
        return new Result(false, displaces ? 1 : 0, displaces ? _held[bucket * MostInBucket].Skb : default, default);
    }

    private static bool Follows(in Held held, in Packet segment) =>
        TcpSegment.Ahead(segment.Segment.Number, held.Skb.Packet.Segment.Number) == held.Skb.Segments;

    private static Held Merged(in Held held, in Packet segment)
    {
        Packet first = held.Skb.Packet;
        var whole = new Packet(first.AtPs, first.Bytes, first.Flow, new TcpSegment(first.Segment.Number, segment.Segment.IsPushed));
        return held with { Skb = new SkBuff(whole, held.Skb.Segments + 1), Bytes = held.Bytes + Payload(segment) };
    }

    private static int Payload(in Packet segment) => segment.Bytes - NetDevice.TcpFrameBytes;

    private static int BucketOf(uint hash) => (int)(hash % Buckets);

    private int Find(int flow, int bucket)
    {
        int first = bucket * MostInBucket;
        for (int i = first; i < first + _counts[bucket]; i++)
        {
            if (_held[i].Skb.Packet.Flow == flow) return i;
        }
        return -1;
    }

    // ---- flushing --------------------------------------------------------------------------------------------------------------

    /// <summary>napi_gro_flush(): what goes up next; false when nothing does. <paramref name="oldOnly"/> keeps what came in the present jiffy.</summary>
    public bool TryPeekFlush(bool oldOnly, long jiffies, out SkBuff skb)
    {
        int bucket = BucketToFlush(oldOnly, jiffies);
        skb = bucket < 0 ? default : _held[bucket * MostInBucket].Skb;
        return bucket >= 0;
    }

    public SkBuff TakeFlushed(bool oldOnly, long jiffies)
    {
        int oldest = BucketToFlush(oldOnly, jiffies) * MostInBucket;
        SkBuff skb = _held[oldest].Skb;
        Remove(oldest / MostInBucket, oldest);
        Leave(skb);
        return skb;
    }

    private int BucketToFlush(bool oldOnly, long jiffies)
    {
        for (int bucket = 0; bucket < Buckets; bucket++)
        {
            if (_counts[bucket] > 0 && !(oldOnly && _held[bucket * MostInBucket].Jiffies == jiffies)) return bucket;
        }
        return -1;
    }

    /// <summary>flush_gro_hash(): frees what is held; returns how many segments that were.</summary>
    public int Free()
    {
        int segments = Segments;
        Array.Clear(_counts);
        Left += segments;
        Count = Segments = 0;
        return segments;
    }

    private void Leave(in SkBuff skb)
    {
        Segments -= skb.Segments;
        Left += skb.Segments;
    }

    private void Remove(int bucket, int at)
    {
        int end = bucket * MostInBucket + --_counts[bucket];
        for (int i = at; i < end; i++) _held[i] = _held[i + 1];
        Count--;
    }
}
