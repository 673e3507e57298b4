using System.Globalization;
using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Networking;

/// <summary>Thrown when a driver cannot start its device; the number is what the kernel would have returned.</summary>
public sealed class DriverException(Errno errno, string message) : Exception(message)
{
    public Errno Errno { get; } = errno;
}

/// <summary>
/// The driver of a multi-queue controller: one line and one NAPI context per queue pair, and the ethtool operations.
/// Its top half only schedules NAPI; the entry that raised stays disarmed until the poll is complete.
/// </summary>
public sealed class NetDevice : IEthtoolOps
{
    private readonly Kernel _kernel;
    private readonly NetworkController _controller;
    private readonly MsixChip _chip;
    private readonly List<IrqDesc> _lines = [];
    private readonly int[] _lineNumbers;
    private readonly Napi[] _napis;
    private readonly int _virtioNumber;
    private ReceiverTask?[] _receiverOfFlow = [];
    private ReceiverTask?[]? _receiverOfCpu;

    public NetDevice(Kernel kernel, NetworkController controller, NicModel model, int index, int virtioNumber = 0)
    {
        _kernel = kernel;
        _controller = controller;
        Model = model;
        _virtioNumber = virtioNumber;
        ArmRank = (1 << 18) + index * 128;
        _chip = new MsixChip(controller.Function);
        _napis = [.. controller.Vectors.Select(vector => new Napi(kernel, this, vector))];
        _lineNumbers = new int[controller.Function.Msix.Entries];
        Coalesce = new CoalesceSettings
        {
            AdaptiveRx = model.KnowsAdaptive ? false : null,
            AdaptiveTx = model.KnowsAdaptive ? false : null,
            RxUsecs = model.RxUsecs,
            RxFrames = model.RxFrames,
            TxUsecs = model.TxUsecs,
            TxFrames = model.TxFrames,
        };
        kernel.NetDevices.Add(this);
    }

    public string Name => _controller.Name;
    public NicModel Model { get; }
    public NetworkController Controller => _controller;
    public IReadOnlyList<Napi> Napis => _napis;
    public IReadOnlyList<IrqDesc> Lines => _lines;
    internal int ArmRank { get; }
    internal bool Exact => _kernel.Options.Exact;

    /// <summary>From a packet's last bit on the wire to the task that received it, or to the end of the stack where no task wants it.</summary>
    public Histogram Latency { get; } = new();

    public long Delivered { get; private set; }
    public long SocketDropped => Receivers.Sum(receiver => receiver.Socket.Dropped);
    public List<ReceiverTask> Receivers { get; } = [];

    public long RxDropped => _controller.Vectors.Sum(vector => vector.Rx.Dropped);
    public long RxTaken => _controller.Vectors.Sum(vector => vector.Rx.Taken);
    public long RxBytes { get; private set; }
    public long TxBytes => _controller.Vectors.Sum(vector => vector.Tx.Bytes);
    public long TxSent => _controller.Vectors.Sum(vector => vector.Tx.Sent);
    public long Raised => _controller.Vectors.Sum(vector => vector.Raised);

    // ---- probe, open, stop -----------------------------------------------------------------------------------------------------

    /// <summary>Takes the device up: lines requested, moderation written, entries armed.</summary>
    public void Open()
    {
        long nowPs = _kernel.Events.NowPs;
        _controller.Function.Msix.IsEnabled = true;
        if (Model is { OtherAction: not null, OtherFirst: true }) RequestOther();
        for (int queue = 0; queue < _controller.Queues; queue++) RequestQueue(queue);
        if (Model is { OtherAction: not null, OtherFirst: false }) RequestOther();
        ApplyModeration(nowPs);
        for (int queue = 0; queue < _controller.Queues; queue++) _napis[queue].Enable(nowPs);
    }

    private void RequestQueue(int queue)
    {
        string action = Format(Model.QueueAction, queue);
        _controller.Vectors[queue].ActionName = action;
        Request(_controller.Vectors[queue].Entry, action, TopHalf, _napis[queue]);
        SetHint(_lines[^1], queue);
        if (Model.TransmitAction is null) return;
        // Both lines are for one NAPI context, which cleans the transmit ring before it looks at the receive ring.
        Request(_controller.Vectors[queue].TransmitEntry, Format(Model.TransmitAction, queue), TopHalf, _napis[queue]);
        SetHint(_lines[^1], queue);
    }

    /// <summary>The line for link changes; the wire of the twin does not lose its link, so it stays quiet.</summary>
    private void RequestOther() => Request(Model.OtherFirst ? 0 : _controller.Function.Msix.Entries - 1, Format(Model.OtherAction!, 0), LinkChanged, this);

    private string Format(string pattern, int queue) => string.Format(CultureInfo.InvariantCulture, pattern, Name, queue, _controller.Function.Address, _virtioNumber);

    private void SetHint(IrqDesc line, int queue)
    {
        if (Model.Hint == AffinityHint.None) return;
        bool isShare = Model.Hint == AffinityHint.ShareApplied;
        int[] online = [.. _kernel.OnlineMask];
        int share = isShare ? Math.Max(online.Length / _controller.Queues, 1) : 1;
        // The first queues take the processors that are left over.
        int larger = isShare && online.Length >= _controller.Queues ? online.Length % _controller.Queues : 0;
        int first = queue * share + Math.Min(queue, larger), count = share + (queue < larger ? 1 : 0);
        CpuMask hint = CpuMask.Empty;
        for (int i = first; i < first + count; i++) hint = hint.With(online[i % online.Length]);
        _ = _kernel.Irqs.SetAffinityHint(line.Irq, hint, isShare);
    }

    private void Request(int entry, string action, IrqHandler handler, object devId)
    {
        IrqDesc desc = _kernel.Irqs.AddMessage(_chip, entry, _lineNumbers[entry] == 0 ? null : _lineNumbers[entry]);
        _lineNumbers[entry] = desc.Irq;
        _lines.Add(desc);
        int error = _kernel.Irqs.RequestIrq(desc.Irq, handler, IrqFlags.None, action, devId);
        if (error != 0) throw new DriverException((Errno)(-error), $"{Name}: request_irq({desc.Irq}, \"{action}\") failed: {((Errno)(-error)).Text()}");
    }

    private void Stop()
    {
        foreach (Napi napi in _napis) napi.Disable();
        foreach (IrqDesc line in _lines)
        {
            _kernel.Irqs.FreeIrq(line.Irq, line.Actions[0].DevId);
            _kernel.Irqs.Remove(line);
        }
        _lines.Clear();
    }

    private IrqReturn TopHalf(int irq, object? devId)
    {
        Cpu cpu = _kernel.CurrentCpu!;
        cpu.Spend(_kernel.Costs.TopHalf + _kernel.Costs.SoftirqRaise);
        ((Napi)devId!).Schedule(cpu, cpu.LocalPs);
        return IrqReturn.Handled;
    }

    private IrqReturn LinkChanged(int irq, object? devId)
    {
        _kernel.CurrentCpu!.Spend(_kernel.Costs.LineHandler);
        return IrqReturn.Handled;
    }

    // ---- receive path ----------------------------------------------------------------------------------------------------------

    /// <summary>Flows <paramref name="first"/> … go to these tasks, one after the other; an empty list leaves them to the stack.</summary>
    public void BindFlows(int first, int count, IReadOnlyList<ReceiverTask> receivers)
    {
        Array.Resize(ref _receiverOfFlow, Math.Max(_receiverOfFlow.Length, first + count));
        for (int i = 0; i < count && receivers.Count > 0; i++) _receiverOfFlow[first + i] = receivers[i % receivers.Count];
    }

    /// <summary>Packets go to the task of the processor that polls them (SO_REUSEPORT with SO_INCOMING_CPU); processors without one use the flow's.</summary>
    public void BindByCpu(IReadOnlyList<ReceiverTask> receivers)
    {
        _receiverOfCpu = new ReceiverTask?[_kernel.CpuCount];
        foreach (ReceiverTask receiver in receivers)
        {
            foreach (int cpu in receiver.Allowed) _receiverOfCpu[cpu] ??= receiver;
        }
    }

    private ReceiverTask? ReceiverOf(int flow, Cpu cpu) => _receiverOfCpu?[cpu.Id] ?? _receiverOfFlow[flow];

    /// <summary>Would handling this packet be seen outside <paramref name="cpu"/>, or wake a task?</summary>
    internal bool IsSeenOutside(in Packet packet, Cpu cpu) => ReceiverOf(packet.Flow, cpu) is { } receiver && (receiver.IsSleeping || receiver.Cpu != cpu);

    /// <summary>Driver, stack and socket for one packet, with the wake-up of its task if that sleeps.</summary>
    internal long ReceiveCostPs(in Packet packet, Cpu cpu)
    {
        KernelCosts costs = _kernel.Costs;
        if (ReceiverOf(packet.Flow, cpu) is not { } receiver) return costs.ReceiveToStack;
        long costPs = costs.ReceiveToStack + costs.UdpDeliver;
        if (!receiver.IsSleeping || receiver.IsWaking) return costPs;
        return costPs + (receiver.Cpu == cpu ? costs.WakeLocal : costs.WakeRemote);
    }

    internal void Receive(in Packet packet, Cpu cpu, long nowPs)
    {
        RxBytes += packet.Bytes;
        if (ReceiverOf(packet.Flow, cpu) is not { } receiver)
        {
            Delivered++;
            Latency.Record(nowPs - packet.AtPs);
            return;
        }
        if (receiver.Cpu != cpu) receiver.Cpu.Sync(nowPs);
        receiver.Socket.TryPush(packet);
        if (receiver.IsSleeping) _kernel.Wake(receiver, cpu, nowPs);
    }

    internal void ReachedTask(in Packet packet, long nowPs)
    {
        Delivered++;
        Latency.Record(nowPs - packet.AtPs);
    }

    // ---- transmit path ---------------------------------------------------------------------------------------------------------

    /// <summary>ndo_start_xmit on the queue of the sending processor (XPS as drivers set it up); a full ring drops the frame.</summary>
    internal void Transmit(Cpu cpu, int bytes, long nowPs)
    {
        QueueVector vector = _controller.Vectors[cpu.Id % _controller.Queues];
        if (vector.Tx.TryPost(bytes, nowPs)) vector.Reconsider(nowPs);
    }

    // ---- ethtool ---------------------------------------------------------------------------------------------------------------

    public string InterfaceName => Name;
    public CoalesceSettings Coalesce { get; private set; }

    public DriverInfo GetDriverInfo() => new(Model.Driver, _kernel.Options.Release, "N/A", _controller.Function.Address.ToString());
    public CoalesceSettings GetCoalesce() => Coalesce;

    public EthtoolResult SetCoalesce(CoalesceSettings change)
    {
        CoalesceSettings now = Coalesce;
        bool unknown = Refuses(change.AdaptiveRx, now.AdaptiveRx) || Refuses(change.AdaptiveTx, now.AdaptiveTx) || Refuses(change.RxFrames, now.RxFrames) || Refuses(change.TxUsecs, now.TxUsecs) || Refuses(change.TxFrames, now.TxFrames)
            || change.RxUsecsIrq is not null || change.RxFramesIrq is not null || change.TxUsecsIrq is not null || change.TxFramesIrq is not null
            || change.StatsBlockUsecs is not null || change.SampleInterval is not null || change.PktRateLow is not null || change.PktRateHigh is not null
            || change.RxUsecsLow is not null || change.RxFramesLow is not null || change.TxUsecsLow is not null || change.TxFramesLow is not null
            || change.RxUsecsHigh is not null || change.RxFramesHigh is not null || change.TxUsecsHigh is not null || change.TxFramesHigh is not null;
        if (unknown) return new EthtoolResult(Errno.EINVAL, "cannot modify an unsupported parameter");
        if (change.AdaptiveRx == true || change.AdaptiveTx == true) return new EthtoolResult(Errno.EOPNOTSUPP);
        if (change.RxUsecs > Model.MaxUsecs || change.TxUsecs > Model.MaxUsecs) return new EthtoolResult(Errno.EINVAL);
        _kernel.Sync();
        Coalesce = now with
        {
            RxUsecs = change.RxUsecs ?? now.RxUsecs,
            RxFrames = change.RxFrames ?? now.RxFrames,
            TxUsecs = change.TxUsecs ?? now.TxUsecs,
            TxFrames = change.TxFrames ?? now.TxFrames,
        };
        ApplyModeration(_kernel.Events.NowPs);
        return EthtoolResult.Ok;
    }

    private static bool Refuses<T>(T? asked, T? known) where T : struct => asked is not null && known is null;

    private void ApplyModeration(long nowPs)
    {
        var rx = new Moderation(Model.Moderation, Coalesce.RxUsecs.GetValueOrDefault() * SimTime.Microsecond, (int)Coalesce.RxFrames.GetValueOrDefault());
        // A throttle is one timer per vector, whichever direction the cause came from.
        Moderation tx = Model.Moderation == ModerationKind.Throttle
            ? rx
            : new Moderation(Model.Moderation, Coalesce.TxUsecs.GetValueOrDefault() * SimTime.Microsecond, (int)Coalesce.TxFrames.GetValueOrDefault());
        for (int queue = 0; queue < _controller.Queues; queue++) _controller.Vectors[queue].SetModeration(rx, tx, nowPs);
    }

    public Channels? GetChannels() => !Model.HasChannels ? null : new(null, null, Model.OtherAction is null ? null : 1, MaxCombined, null, null, Model.OtherAction is null ? null : 1, _controller.Queues);

    private int MaxCombined => _controller.Vectors.Length;

    public EthtoolResult SetChannels(int? rx, int? tx, int? other, int? combined)
    {
        if (!Model.HasChannels) return new EthtoolResult(Errno.EOPNOTSUPP);
        if (rx is > 0 || tx is > 0 || combined > MaxCombined || other > 1) return new EthtoolResult(Errno.EINVAL, "requested channel count exceeds maximum");
        if (combined is 0) return new EthtoolResult(Errno.EINVAL, "requested channel counts would result in no RX or TX channel being configured");
        if (combined is not { } queues || queues == _controller.Queues) return EthtoolResult.Ok;
        int before = _controller.Queues;
        _kernel.Sync();
        Stop();
        _controller.SetQueues(queues, _kernel.Events.NowPs);
        try
        {
            Open();
        }
        catch (DriverException noVectors)
        {
            Stop();
            _controller.SetQueues(before, _kernel.Events.NowPs);
            Open();
            return new EthtoolResult(noVectors.Errno);
        }
        return EthtoolResult.Ok;
    }

    public RingParameters GetRings() => new(Model.MaxRing, Model.MaxRing, _controller.Vectors[0].Rx.RingSize, _controller.Vectors[0].Tx.RingSize);

    public EthtoolResult SetRings(int? rx, int? tx)
    {
        if (rx > Model.MaxRing || tx > Model.MaxRing) return new EthtoolResult(Errno.EINVAL, "requested ring size exceeds maximum");
        if (rx is < 1 || tx is < 1) return new EthtoolResult(Errno.EINVAL);
        _kernel.Sync(); // what a poll has taken by now has left its ring
        foreach (QueueVector vector in _controller.Vectors)
        {
            vector.Resize(Rounded(rx ?? vector.Rx.RingSize), Rounded(tx ?? vector.Tx.RingSize), _kernel.Events.NowPs);
        }
        return EthtoolResult.Ok;
    }

    /// <summary>Drivers clamp a size to what they can do and round it up.</summary>
    private int Rounded(int size)
    {
        size = Math.Clamp(size, Model.MinRing, Model.MaxRing);
        return Model.RingMultiple == 0 ? (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)size) : (size + Model.RingMultiple - 1) / Model.RingMultiple * Model.RingMultiple;
    }

    public RssSettings? GetRss() => Model.RssTableSize == 0 ? null : new(_controller.Indirection, _controller.RssKey, _controller.Queues);

    public EthtoolResult SetRss(IReadOnlyList<int>? table, byte[]? key)
    {
        if (Model.RssTableSize == 0) return new EthtoolResult(Errno.EOPNOTSUPP);
        if (table is not null)
        {
            if (table.Count != _controller.Indirection.Count) return new EthtoolResult(Errno.EINVAL);
            foreach (int queue in table)
            {
                if (queue < 0 || queue >= _controller.Queues) return new EthtoolResult(Errno.EINVAL);
            }
        }
        if (key is not null && key.Length != _controller.RssKey.Length) return new EthtoolResult(Errno.EINVAL);
        _kernel.Sync();
        if (key is not null) _controller.SetRssKey(key, _kernel.Events.NowPs);
        if (table is not null) _controller.SetIndirection(table, _kernel.Events.NowPs);
        return EthtoolResult.Ok;
    }

    public IReadOnlyList<(string Name, ulong Value)> GetStatistics()
    {
        _kernel.Sync();
        var rows = new List<(string, ulong)>
        {
            ("rx_packets", (ulong)RxTaken),
            ("tx_packets", (ulong)TxSent),
            ("rx_missed_errors", (ulong)RxDropped),
            ("tx_dropped", (ulong)_controller.Vectors.Sum(vector => vector.Tx.Full)),
        };
        for (int queue = 0; queue < _controller.Queues; queue++)
        {
            QueueVector vector = _controller.Vectors[queue];
            rows.Add(($"rx_queue_{queue}_packets", (ulong)vector.Rx.Taken));
            rows.Add(($"rx_queue_{queue}_drops", (ulong)vector.Rx.Dropped));
            rows.Add(($"tx_queue_{queue}_packets", (ulong)vector.Tx.Sent));
        }
        return rows;
    }
}
