using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Networking.Xdp;

/// <summary>Which half of the bind flags an AF_XDP socket asks for; neither: zero-copy where the driver has it.</summary>
public enum XskBind
{
    Any,

    /// <summary>XDP_COPY.</summary>
    Copy,

    /// <summary>XDP_ZEROCOPY.</summary>
    ZeroCopy,
}

/// <summary>
/// An AF_XDP socket, its four rings and its UMEM (net/xdp/xsk.c, xsk_buff_pool.c): one user-space process's way to one queue of a card. Each frame of the UMEM is in exactly one
/// place. With zero-copy the card receives into frames the fill ring gave it and has no others; else the kernel copies.
/// </summary>
public sealed class XskSocket
{
    private readonly Kernel _kernel;
    private readonly PacketFifo _rx, _reserved, _tx;
    private int _planned;

    internal XskSocket(Kernel kernel, NetDevice device, int queue, bool isZeroCopy, bool receives, int frames, int ringSize)
    {
        _kernel = kernel;
        Device = device;
        Queue = queue;
        IsZeroCopy = isZeroCopy;
        Receives = receives;
        Frames = frames;
        (Fill, Free) = receives ? (frames, 0) : (0, frames);
        RingSize = ringSize;
        (_rx, _reserved, _tx) = (new PacketFifo(ringSize), new PacketFifo(64), new PacketFifo(ringSize));
        if (!isZeroCopy) return;
        InCard = Math.Min(Fill, CardRx.RingSize);
        Fill -= InCard;
        NeedsReceiveWakeup = receives && InCard < CardRx.RingSize;
        CardRx.Limit(InCard);
    }

    internal NetDevice Device { get; }
    public string DeviceName => Device.Name;
    public int Queue { get; }
    public bool IsZeroCopy { get; }

    /// <summary>It has a receive and a fill ring; without them it only sends.</summary>
    public bool Receives { get; }

    /// <summary>Entries of the receive, the transmit and the completion ring; the fill ring has room for every frame.</summary>
    public int RingSize { get; }

    /// <summary>Who has the socket; it may sleep in poll().</summary>
    public XskTask Task { get; internal set; } = null!;

    internal Napi Napi => Device.Napis[Queue];
    private RxQueue CardRx => Device.Controller.Vectors[Queue].Rx;

    // ---- where frames are ------------------------------------------------------------------------------------------------------

    public int Frames { get; }

    /// <summary>In the fill ring, in the pool's own list after a drop, and with the card to receive into.</summary>
    public int Fill { get; private set; }
    public int Pool { get; private set; }
    public int InCard { get; private set; }

    /// <summary>Received, and not yet looked at by the process.</summary>
    internal int Waiting => _rx.Count + _reserved.Count - Task.Done;

    /// <summary>With the process, of a socket that only sends.</summary>
    public int Free { get; private set; }

    /// <summary>The same as <see cref="InCard"/>, counted in the card's ring.</summary>
    public int FramesOfTheCard => CardRx.Buffers is { } free ? free + CardRx.Count : 0;

    /// <summary>Received: the process does not see those of a poll that still runs.</summary>
    public int Received => _rx.Count;
    public int Reserved => _reserved.Count;

    /// <summary>To be sent, on their way out, and sent.</summary>
    public int ToSend => _tx.Count;
    public int Sending { get; private set; }
    public int Completed { get; private set; }

    // ---- counters: getsockopt(XDP_STATISTICS) ----------------------------------------------------------------------------------

    /// <summary>Frames that no buffer was there for, of a socket that copies.</summary>
    public long RxDropped { get; private set; }

    /// <summary>Frames that found the receive ring full.</summary>
    public long RxRingFull { get; private set; }

    /// <summary>Times the fill ring was asked for a frame and had none.</summary>
    public long FillRingEmpty { get; private set; }

    /// <summary>Times the transmit ring was asked and had none.</summary>
    public long TxRingEmpty { get; private set; }

    public long TxPackets { get; private set; }

    /// <summary>XDP_RING_NEED_WAKEUP on the fill ring: the card lacks frames and nobody will look again by himself.</summary>
    internal bool NeedsReceiveWakeup { get; private set; }

    // ---- the kernel's side -----------------------------------------------------------------------------------------------------

    /// <summary>xsk_rcv(): what the process will see after the poll.</summary>
    internal Errno Receive(in Packet packet)
    {
        bool isFull = _rx.Count + _reserved.Count >= RingSize;
        if (IsZeroCopy)
        {
            InCard--;
            if (isFull) Pool++;
        }
        else if (Fill + Pool == 0)
        {
            FillRingEmpty++;
            RxDropped++;
            return Errno.ENOMEM;
        }
        else if (!isFull) TakeFree();
        if (isFull)
        {
            RxRingFull++;
            return Errno.ENOBUFS;
        }
        _reserved.Push(packet);
        return Errno.None;
    }

    private void TakeFree()
    {
        if (Pool > 0) Pool--;
        else Fill--;
    }

    /// <summary>A poll of the queue has something to do for the socket at its end.</summary>
    internal bool IsPending => _reserved.Count > 0 || IsZeroCopy && (_tx.Count > 0 || Receives && Missing > 0 && Fill + Pool > 0);

    /// <summary>Descriptors of the card's receive ring without a frame.</summary>
    private int Missing => CardRx.RingSize - CardRx.Count - CardRx.Buffers!.Value;

    /// <summary>What the end of a poll costs; frames to be sent that come later wait for the next.</summary>
    internal long FlushPs(Cpu cpu)
    {
        _planned = IsZeroCopy ? _tx.Count : 0;
        return (_reserved.Count > 0 ? _kernel.Costs.Wake(Task, cpu) : 0) + (_planned > 0 ? _planned * _kernel.Costs.XskSend + _kernel.Costs.DeviceWrite : 0);
    }

    /// <summary>xsk_flush(), and what a driver does besides for a socket without copies: frames for the card to receive into, frames to send.</summary>
    internal void Flush(Cpu cpu, long nowPs)
    {
        // The process may be in the middle of a turn that still finds what there was.
        if (Task.Cpu != cpu) Task.Cpu.Sync(nowPs);
        if (IsZeroCopy && Receives) Refill(nowPs);
        Send(cpu, _planned, nowPs);
        _planned = 0;
        bool received = _reserved.Count > 0;
        for (; _reserved.Count > 0; _reserved.Pop()) _rx.Push(_reserved[0]);
        if (received && Task.IsSleeping) _kernel.Wake(Task, cpu, nowPs);
        if (Task.Cpu != cpu) Task.Disturbed(nowPs);
    }

    private void Refill(long nowPs)
    {
        int wanted = Missing, given = Math.Min(wanted, Fill + Pool);
        CardRx.AddBuffers(given, nowPs);
        InCard += given;
        int fromPool = Math.Min(given, Pool);
        Pool -= fromPool;
        Fill -= given - fromPool;
        NeedsReceiveWakeup = given < wanted;
        if (given < wanted) FillRingEmpty++;
    }

    /// <summary>The driver's xmit_zc, or xsk_generic_xmit(): as many as the card's ring has room for.</summary>
    internal void Send(Cpu cpu, int most, long nowPs)
    {
        if (most == 0) return;
        int sent = Device.SendForSocket(this, _tx, Math.Min(most, _tx.Count), nowPs);
        Sending += sent;
        TxPackets += sent;
        if (_tx.Count == 0) TxRingEmpty++;
    }

    /// <summary>So many frames are out: the cleaning of the card's ring puts them into the completion ring.</summary>
    internal void Complete(int frames, Cpu cpu, long nowPs)
    {
        if (Task.Cpu != cpu) Task.Cpu.Sync(nowPs);
        Sending -= frames;
        Completed += frames;
        if (Task.Cpu != cpu) Task.Disturbed(nowPs);
    }

    /// <summary>The program that filled the socket is gone, and the card has its own memory back.</summary>
    internal void Detach(long nowPs)
    {
        if (!IsZeroCopy) return;
        CardRx.Unlimit(nowPs);
        Pool += InCard;
        InCard = 0;
        NeedsReceiveWakeup = false;
    }

    // ---- the process's side; whoever polls the queue is brought up to now first ----------------------------------------------------

    internal ref readonly Packet this[int index] => ref _rx[index];

    internal long BytesToSend
    {
        get
        {
            long bytes = 0;
            for (int i = 0; i < _tx.Count; i++) bytes += _tx[i].Bytes;
            return bytes;
        }
    }

    internal int RoomToSend => RingSize - _tx.Count;

    /// <summary>Received frames go back to the fill ring.</summary>
    internal void Release(int frames, long nowPs)
    {
        Napi.SyncPoller(nowPs);
        for (int i = 0; i < frames; i++) _rx.Pop();
        Fill += frames;
        Napi.DisturbPoller(nowPs);
    }

    /// <summary>Received frames go into the transmit ring.</summary>
    internal void Forward(int frames, long nowPs)
    {
        Napi.SyncPoller(nowPs);
        for (int i = 0; i < frames; i++)
        {
            _tx.Push(_rx[0]);
            _rx.Pop();
        }
        Napi.DisturbPoller(nowPs);
    }

    /// <summary>So many frames of a process that makes its own go into the transmit ring.</summary>
    internal void Write(int frames, int bytes, int flow, long nowPs)
    {
        Napi.SyncPoller(nowPs);
        for (int i = 0; i < frames; i++) _tx.Push(new Packet(nowPs, bytes, flow));
        Free -= frames;
        Napi.DisturbPoller(nowPs);
    }

    /// <summary>Sent frames go back to the fill ring, or to the process that fills them itself; returns how many.</summary>
    internal int TakeCompleted(int most, long nowPs)
    {
        int taken = Math.Min(Completed, most);
        if (taken == 0) return 0;
        Napi.SyncPoller(nowPs);
        Completed -= taken;
        if (Receives) Fill += taken;
        else Free += taken;
        Napi.DisturbPoller(nowPs);
        return taken;
    }
}
