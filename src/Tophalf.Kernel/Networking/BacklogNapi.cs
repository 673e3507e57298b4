using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Networking;

/// <summary>
/// The backlog of one processor (net/core/dev.c, process_backlog): packets that another processor, or this one, steered here after the driver's part. They come
/// into an input queue, which a poll takes over whole into its own. Everything here is seen by the processors that steer, so packets are taken one by one.
/// </summary>
public sealed class BacklogNapi : NapiContext
{
    private readonly Queue<Entry> _input = new(), _process = new();
    private long _packetPs;
    private bool _inPacket;

    internal BacklogNapi(Kernel kernel) : base(kernel)
    {
    }

    // What a poll may take; the poll that is begun says what the next one may (process_backlog, napi->weight).
    private int _portion = Weight, _nextPortion = Weight;

    internal override int Portion => _portion;

    public int InputLength => _input.Count;
    public int ProcessLength => _process.Count;

    /// <summary>Packets taken out so far: what RFS compares with where a flow's last packet was put (input_queue_head).</summary>
    public long Head { get; private set; }

    /// <summary>Where the next packet will be (input_queue_tail).</summary>
    public long Tail { get; private set; }

    /// <summary>
    /// enqueue_to_backlog(): false when the input queue is longer than net.core.netdev_max_backlog. The first packet schedules the context; on another processor that is told
    /// by an interrupt that <paramref name="from"/> sends at the end of its softirq.
    /// </summary>
    internal bool TryEnqueue(in SkBuff skb, NetDevice device, Cpu from, Cpu owner, long nowPs)
    {
        if (_input.Count > Kernel.NetdevMaxBacklog)
        {
            owner.Softnet.Dropped++;
            return false;
        }
        _input.Enqueue(new Entry(skb, device));
        Tail++;
        if (_input.Count > 1 || IsScheduled) return true;
        IsScheduled = true;
        if (owner == from) Enlist(owner, nowPs);
        else from.Softnet.WantIpi(owner);
        return true;
    }

    /// <summary>The processor is gone: its packets, those a poll has taken over first, go into another's backlog, or are lost if that is full.</summary>
    internal void Empty(Cpu to, long nowPs)
    {
        IsScheduled = false;
        while (_process.TryDequeue(out Entry entry) || _input.TryDequeue(out entry))
        {
            Head++;
            if (!to.Softnet.Backlog.TryEnqueue(entry.Skb, entry.Device, to, to, nowPs)) entry.Device.LostFromBacklog(entry.Skb);
        }
    }

    internal override string DeviceName => "(no_device)";
    internal override int Number => 0;

    internal override long BeginPoll(Cpu cpu, long nowPs)
    {
        Cpu = cpu;
        Work = 0;
        Polls++;
        _portion = _nextPortion;
        _nextPortion = (int)Math.Clamp((long)Kernel.DevWeight * Kernel.DevWeightRxBias, 1, int.MaxValue);
        return cpu.Softnet.SendIpis(cpu, nowPs);
    }

    internal override long PlanPoll(long nowPs)
    {
        if (!_inPacket)
        {
            if (!TryPeek(out Entry entry)) return nowPs;
            _packetPs = entry.Device.ProtocolPs(entry.Skb, Cpu);
            _inPacket = true;
        }
        return nowPs + _packetPs;
    }

    internal override void AdvancePoll(long fromPs, long toPs)
    {
        if (!_inPacket) return;
        if (_packetPs > toPs - fromPs)
        {
            _packetPs -= toPs - fromPs;
            return;
        }
        _inPacket = false;
        Entry entry = _process.Dequeue();
        Head++;
        Work++;
        Cpu.Softnet.Processed++;
        entry.Device.FromBacklog(entry.Skb, Cpu, fromPs + _packetPs);
    }

    internal override bool PollGoesOn(long nowPs)
    {
        AdvancePoll(nowPs, nowPs);
        return Work < _portion && TryPeek(out _);
    }

    private bool TryPeek(out Entry entry)
    {
        if (_process.Count == 0)
        {
            while (_input.TryDequeue(out Entry arrived)) _process.Enqueue(arrived);
        }
        return _process.TryPeek(out entry);
    }

    internal override long CompletePs => 0;

    internal override void Complete(Cpu cpu, long nowPs)
    {
        IsScheduled = false;
        if (_input.Count > 0) Schedule(cpu, nowPs);
    }

    private readonly record struct Entry(SkBuff Skb, NetDevice Device);
}
