using System.Globalization;
using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Networking.Xdp;
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
public sealed partial class NetDevice
{
    private readonly Kernel _kernel;
    private readonly NetworkController _controller;
    private readonly MsixChip? _chip;
    private readonly IrqDesc? _pin;
    private readonly List<IrqDesc> _lines = [];
    private readonly int[] _lineNumbers;
    private readonly Napi[] _napis;
    private readonly ReceiveSteering[] _steering;
    private readonly TransmitSteering _transmitQueues;
    private readonly int _virtioNumber;
    private bool _mergesSegments = true;
    private ReceiverTask?[] _receiverOfFlow = [];
    private ReceiverTask?[]? _receiverOfCpu;

    public NetDevice(Kernel kernel, NetworkController controller, NicModel model, int index, int virtioNumber = 0, IrqDesc? pin = null, int weight = NapiContext.Weight, int virtualFunction = 0)
    {
        _kernel = kernel;
        _controller = controller;
        Model = model;
        _virtioNumber = virtioNumber;
        ArmRank = (1 << 18) + index * 128;
        _filterWork = new CallbackEvent(WriteFilters) { Rank = (1 << 19) + 1 + index };
        _pin = pin;
        _chip = pin is null && !model.IsVirtual ? new MsixChip(controller.Function) : null;
        XdpCounts = [.. controller.Vectors.Select(_ => new XdpCounts())];
        _napis = [.. controller.Vectors.Select(vector => new Napi(kernel, this, vector, kernel.NextNapiId(), weight))];
        _steering = [.. controller.Vectors.Select(_ => new ReceiveSteering(kernel))];
        _transmitQueues = new TransmitSteering(kernel.CpuCount);
        _lineNumbers = new int[_chip is null ? 0 : controller.Function.Msix.Entries];
        Coalesce = model.Coalescing;
        if (model.OffersCoalescing is not null && !new Procfs.KernelProfile(kernel.Options.Release).HasVirtioDim) Coalesce = Coalesce with { AdaptiveRx = null };
        _features = new FeatureSet(model);
        _madeRings = (controller.Vectors[0].Rx.RingSize, controller.Vectors[0].Tx.RingSize);
        if (model.IsVirtual) _features.Set([("rx-gro", false)]);
        SetHashFields();
        if (model.Pause is { } pause) WritePause(pause.AtFirst);
        WriteMtu(model.Mtu.AtFirst);
        WriteVlanFilter();
        Address = new MacAddress(FirstAddress + (ulong)index + ((ulong)virtualFunction << 16));
        kernel.NetDevices.Add(this);
        InterfaceIndex = kernel.Links.NextIndex();
        if (weight > NapiContext.Weight) kernel.Log(kernel.Events.NowPs, $"{model.Driver} {controller.Function.Address} {Name}: netif_napi_add_weight() called with weight {weight}");
    }

    public string Name => _controller.Name;

    /// <summary>ifindex: lo has 1.</summary>
    public int InterfaceIndex { get; }
    public NicModel Model { get; }

    /// <summary>The virtio device between the PCI function and the interface; null where there is none.</summary>
    public string? VirtioName => Model.OffersCoalescing is null ? null : $"virtio{_virtioNumber}";
    public NetworkController Controller => _controller;
    public IReadOnlyList<Napi> Napis => _napis;
    public IReadOnlyList<IrqDesc> Lines => _lines;

    /// <summary>The line of a queue pair, or of its receive side.</summary>
    public IrqDesc LineOf(int queue) => _pin ?? _lines.First(line => line.Hwirq == _controller.Vectors[queue].Entry);

    internal int ArmRank { get; }
    internal int KickRank => 2 * ArmRank;
    internal bool Exact => _kernel.Options.Exact;

    /// <summary>From a packet's last bit on the wire to the task that received it, or to the end of the stack where no task wants it, or back on the wire.</summary>
    public Histogram Latency { get; } = new();

    public long Delivered { get; private set; }

    /// <summary>Of those: packets that no task wants, or that go on elsewhere from there; datagrams that tasks have received; and what tasks sent.</summary>
    public long EndedInStack { get; private set; }
    public long ReceivedByTasks => Delivered - EndedInStack - StreamDelivered;
    public long AnsweredByTasks { get; private set; }
    public long SocketDropped => Receivers.Sum(receiver => receiver.Socket.Dropped);
    public List<ReceiverTask> Receivers { get; } = [];

    /// <summary>Packets steered to some processor that it has not taken, and those its backlog had no room for.</summary>
    public long InBacklog { get; private set; }
    public long BacklogDropped { get; private set; }

    public long RxDropped => _controller.Vectors.Sum(vector => vector.Rx.Dropped);
    public long RxTaken => _controller.Vectors.Sum(vector => vector.Rx.Taken) + _virtuallyTaken;
    public long RxBytes { get; private set; }
    public long TxBytes => _controller.Vectors.Sum(vector => vector.Tx.Bytes + (vector.HasXdpTx ? vector.XdpTx.Bytes : 0)) + _virtuallySentBytes;
    public long TxSent => _controller.Vectors.Sum(vector => vector.Tx.Frames + (vector.HasXdpTx ? vector.XdpTx.Frames : 0)) + _virtuallySent;
    public long Raised => _controller.Vectors.Sum(vector => vector.Raised);

    // ---- probe, open, stop -----------------------------------------------------------------------------------------------------

    /// <summary>Takes the device up: lines requested, moderation written, entries armed.</summary>
    public void Open()
    {
        if (Model.IsVirtual) return;
        long nowPs = _kernel.Events.NowPs;
        if (_pin is { } pin) RequestPin(pin);
        else RequestMessages();
        ApplyModeration(nowPs);
        for (int queue = 0; queue < _controller.Queues; queue++) _napis[queue].Enable(nowPs);
    }

    private void RequestMessages()
    {
        _controller.Function.Msix.IsEnabled = true;
        if (Model is { OtherAction: not null, OtherFirst: true }) RequestOther();
        for (int queue = 0; queue < _controller.Queues; queue++) RequestQueue(queue);
        if (Model is { OtherAction: not null, OtherFirst: false }) RequestOther();
    }

    /// <summary>The line of the INTA wire, which other devices may hold too.</summary>
    private void RequestPin(IrqDesc pin)
    {
        string action = Format(Model.QueueAction, 0);
        _controller.Vectors[0].ActionName = action;
        _kernel.Symbols.Add((IrqHandler)PinTopHalf, $"{Model.Driver}_intr [{Model.Driver}]");
        Request(pin, PinTopHalf, IrqFlags.Shared, action, _napis[0]);
    }

    private void RequestQueue(int queue)
    {
        string action = Format(Model.QueueAction, queue);
        _controller.Vectors[queue].ActionName = action;
        Request(_controller.Vectors[queue].Entry, action, Model.IsOldDriver ? OldHandler : TopHalf, _napis[queue]);
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
        IrqDesc desc = _kernel.Irqs.AddMessage(_chip!, entry, _lineNumbers[entry] == 0 ? null : _lineNumbers[entry]);
        _lineNumbers[entry] = desc.Irq;
        Request(desc, handler, IrqFlags.None, action, devId);
    }

    private void Request(IrqDesc desc, IrqHandler handler, IrqFlags flags, string action, object devId)
    {
        _lines.Add(desc);
        int error = _kernel.Irqs.RequestIrq(desc.Irq, handler, flags, action, devId);
        if (error != 0) throw new DriverException((Errno)(-error), $"{Name}: request_irq({desc.Irq}, \"{action}\") failed: {((Errno)(-error)).Text()}");
    }

    /// <summary>Gives the messages back, for another number of queues; a card on a wire has one.</summary>
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

    /// <summary>Virtual functions of the device; null: it has none.</summary>
    public VirtualFunctions? VirtualFunctions { get; set; }

    /// <summary>The function leaves the bus, and its driver goes.</summary>
    internal void TakeAway()
    {
        Stop();
        _kernel.NetDevices.Remove(this);
        _controller.SetThere(false, _kernel.Events.NowPs);
    }

    internal void BringBack()
    {
        _kernel.NetDevices.Add(this);
        _controller.SetThere(true, _kernel.Events.NowPs);
    }

    private IrqReturn TopHalf(int irq, object? devId)
    {
        Cpu cpu = _kernel.CurrentCpu!;
        var napi = (Napi)devId!;
        cpu.Spend(_kernel.Costs.TopHalf + (napi.Thread is null ? _kernel.Costs.SoftirqRaise : _kernel.Costs.ThreadWake));
        napi.Schedule(cpu, cpu.LocalPs);
        return IrqReturn.Handled;
    }

    /// <summary>e1000_intr() of e1000_main.c: reading the cause register says whether the device called, and lets go of the wire.</summary>
    private IrqReturn PinTopHalf(int irq, object? devId)
    {
        Cpu cpu = _kernel.CurrentCpu!;
        cpu.Spend(_kernel.Costs.DeviceRead);
        return _controller.Causes!.Read(cpu.LocalPs) == 0 ? IrqReturn.None : TopHalf(irq, devId);
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
        GrowReceivers(first + count);
        for (int i = 0; i < count && receivers.Count > 0; i++) _receiverOfFlow[first + i] = receivers[i % receivers.Count];
        NoteTags(first, count);
    }

    /// <summary>No task receives flows that nobody has bound.</summary>
    private void GrowReceivers(int flows)
    {
        if (flows > _receiverOfFlow.Length) Array.Resize(ref _receiverOfFlow, Math.Max(flows, 2 * _receiverOfFlow.Length));
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

    /// <summary>A flow goes to the task of its receive queue: connections are sorted when they are accepted, by SO_INCOMING_NAPI_ID.</summary>
    public void BindByQueue(int first, int count, IReadOnlyList<ReceiverTask> receivers)
    {
        for (int flow = first; flow < first + count; flow++) _receiverOfFlow[flow] = receivers[_controller.QueueByHash(flow) % receivers.Count];
    }

    private ReceiverTask? ReceiverOf(int flow, Cpu cpu) => _receiverOfCpu?[cpu.Id] ?? _receiverOfFlow[flow];

    /// <summary>Would handling this packet, after so many <paramref name="ahead"/> of it, be seen outside <paramref name="cpu"/>, or wake a task?</summary>
    internal bool IsSeenOutside(in Packet packet, int queue, Cpu cpu, int ahead) => _native is { } xdp && ActionOn(xdp, queue) is not XdpAction.Pass and var action
        ? action == XdpAction.Tx || _redirect is { } redirect && (HasFeedback || redirect.Room(cpu) <= ahead)
        : packet.IsSegment || _generic is not null || _steering[queue].IsOn || HasFeedback || (_forwards && OutgoingOf(packet.Flow) is not null) || (ReceiverOf(packet.Flow, cpu) is { } receiver && (receiver.IsSleeping || receiver.Cpu != cpu));

    /// <summary>What the poll spends on one packet: the driver's part, and what comes above, here or in handing it to another processor.</summary>
    internal long ReceivePs(in Packet packet, int queue, Cpu cpu)
    {
        if (_native is { } xdp && ActionOn(xdp, queue) is not XdpAction.Pass and var action) return _kernel.Costs.ReceiveBare + ActionPs(packet, action, queue, cpu);
        long driverPs = (UsesGro ? _kernel.Costs.ReceiveInDriver : _kernel.Costs.ReceiveWithoutGro) + (_native is null ? 0 : _kernel.Costs.XdpRun);
        if (packet.Bytes > MtuSupport.EthernetFrame) driverPs += (_controller.Vectors[queue].Rx.DescriptorsOf(packet.Bytes) - 1) * _kernel.Costs.ReceiveBuffer;
        if (packet.IsSegment) return driverPs + SegmentPs(packet, UsesGro ? _napis[queue].Gro : null, queue, cpu);
        return driverPs + UpPs(packet, queue, cpu);
    }

    /// <summary>Stack and socket for one packet, with the wake-up of its task if that sleeps.</summary>
    private long DatagramPs(in Packet packet, Cpu cpu)
    {
        KernelCosts costs = _kernel.Costs;
        long stackPs = costs.ReceiveInStack;
        if (_tags is not null)
        {
            stackPs += TagPs(packet.Flow);
            if (IsForNobody(packet.Flow)) return stackPs;
        }
        if (ReceiverOf(packet.Flow, cpu) is not { } receiver) return stackPs + (_forwards && OutgoingOf(packet.Flow) is not null ? costs.IpForward : 0);
        return stackPs + costs.UdpDeliver + costs.Wake(receiver, cpu);
    }

    /// <summary>The same with the generic program before it, on the processor that RPS chose.</summary>
    internal long ProtocolPs(in SkBuff skb, Cpu cpu) => GenericOf(skb) is { } xdp ? GenericPs(xdp, skb, cpu) : StackPs(skb, cpu);

    private long StackPs(in SkBuff skb, Cpu cpu) => skb.Packet.IsSegment ? StreamPs(skb) : DatagramPs(skb.Packet, cpu);

    /// <summary>netif_receive_skb(): a packet that the driver took, at the end of its cost.</summary>
    internal void Receive(in Packet packet, int queue, Cpu cpu, long nowPs)
    {
        RxBytes += packet.Bytes;
        if (_native is { } xdp && RunXdp(xdp, packet, queue, cpu, nowPs)) return;
        if (packet.IsSegment)
        {
            ReceiveSegment(packet, UsesGro ? _napis[queue].Gro : null, queue, cpu, nowPs);
            return;
        }
        GoUp(packet, queue, cpu, nowPs);
    }

    private void Steer(in SkBuff skb, int queue, Cpu cpu, long nowPs, Cpu? otherwise = null)
    {
        ReceiveSteering steering = _steering[queue];
        uint hash = _controller.HashOf(skb.Packet.Flow);
        // Whoever receives may just have said where, for this flow or for another in the same place of the table.
        if (steering.FollowsFlows)
        {
            foreach (Cpu other in _kernel.Cpus) other.Sync(nowPs);
        }
        if ((steering.Choose(hash, out bool moves) ?? otherwise) is not { } target)
        {
            cpu.Softnet.Processed++;
            Deliver(skb, cpu, nowPs);
            return;
        }
        if (moves) steering = Move(skb.Packet.Flow, hash, queue, target, nowPs);
        if (target != cpu) target.Sync(nowPs);
        if (target.Softnet.Backlog.TryEnqueue(skb, this, cpu, target, nowPs))
        {
            InBacklog += skb.Segments;
            steering.Enqueued(hash, target);
        }
        else BacklogDropped += skb.Segments;
    }

    /// <summary>A packet that waited in the backlog of a processor that went found no place in another.</summary>
    internal void LostFromBacklog(in SkBuff skb)
    {
        InBacklog -= skb.Segments;
        BacklogDropped += skb.Segments;
    }

    /// <summary>A packet that was steered to this processor, at the end of its cost.</summary>
    internal void FromBacklog(in SkBuff skb, Cpu cpu, long nowPs)
    {
        InBacklog -= skb.Segments;
        Deliver(skb, cpu, nowPs);
    }

    /// <summary>__netif_receive_skb_core().</summary>
    private void Deliver(in SkBuff skb, Cpu cpu, long nowPs)
    {
        if (GenericOf(skb) is { } xdp && RunXdp(xdp, skb.Packet, ReceiveQueueOf(skb), cpu, nowPs)) return;
        if (skb.Packet.IsSegment) DeliverStream(skb, cpu, nowPs);
        else Deliver(skb.Packet, cpu, nowPs);
    }

    private void Deliver(in Packet packet, Cpu cpu, long nowPs)
    {
        if (_tags is not null && !ReceiveTag(packet, segments: 1)) return;
        if (ReceiverOf(packet.Flow, cpu) is not { } receiver)
        {
            Delivered++;
            EndedInStack++;
            Latency.Record(nowPs - packet.AtPs);
            if (!_forwards || OutgoingOf(packet.Flow) is not { } outgoing) return;
            ForwardedByStack++;
            SendOn(packet, outgoing, cpu, nowPs);
            return;
        }
        if (receiver.Cpu != cpu) receiver.Cpu.Sync(nowPs);
        receiver.Socket.TryPush(packet);
        if (HasFeedback) HoldIfFull(receiver, packet);
        if (receiver.Wait is { MayPoll: true } wait && !Model.IsOldDriver && (!Model.IsVirtual || _napis[0].IsEnabled))
        {
            int queue = _controller.QueueOf(packet.Flow);
            if (queue >= 0) receiver.Napi = _napis[queue];
            if (receiver.Cpu != cpu) wait.Disturbed(nowPs);
        }
        if (receiver.IsSleeping) _kernel.Wake(receiver, cpu, nowPs, isSync: true);
    }

    /// <summary>The receive call of a task on <paramref name="cpu"/> returns with the packet.</summary>
    internal void ReachedTask(in Packet packet, Cpu cpu, long nowPs)
    {
        _kernel.SocketFlows.Record(_controller.HashOf(packet.Flow), cpu.Id, nowPs);
        Delivered++;
        Latency.Record(nowPs - packet.AtPs);
    }

    // ---- transmit path ---------------------------------------------------------------------------------------------------------

    /// <summary>
    /// ndo_start_xmit on the queue that XPS gives the sending processor, at the frame's time. Returns when the last bit will be on the wire; null where the ring is full,
    /// which drops the frame.
    /// </summary>
    internal long? Transmit(Cpu cpu, in Packet frame)
    {
        QueueVector vector = TransmitQueueOf(cpu, frame.Flow);
        if (vector.Tx.TryPost(frame) is not { } sentPs) return null;
        vector.Reconsider(frame.AtPs);
        return sentPs;
    }
}
