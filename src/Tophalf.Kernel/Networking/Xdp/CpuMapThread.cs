using Tophalf.Hardware.Devices;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Procfs;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking.Xdp;

/// <summary>
/// cpumap/CPU/map:ID (kernel/bpf/cpumap.c, cpu_map_kthread_run): takes eight frames at a time out of the queue, makes skbs of them and sends them up the stack with bottom halves
/// disabled. Since 6.15 they pass GRO, which is flushed after 64 of them and when the queue is empty.
/// </summary>
internal sealed class CpuMapThread(Kernel kernel, NetDevice device, CpuMapEntry entry, int mapId)
    : KernelTask($"cpumap/{entry.Cpu.Id}/map:{mapId}", CpuMask.Of(entry.Cpu.Id))
{
    /// <summary>CPUMAP_BATCH.</summary>
    private const int Batch = 8;

    private enum State { Idle, Building, Receiving, Flushing }

    private readonly Packet[] _frames = new Packet[Batch];
    private readonly bool _hasGro = new KernelProfile(kernel.Options.Release).HasCpuMapGro;
    private State _state;
    private long _fixedPs;
    private int _count, _next, _sinceFlush;
    private bool _stops, _hasSlept, _flushesOldOnly;

    public GroList Gro { get; } = new();

    /// <summary>Frames on their way to it, in its queue or in its hands, but for those GRO holds.</summary>
    public int Waiting => entry.Waiting + _count - _next;

    private bool UsesGro => _hasGro && device.UsesGro;

    /// <summary>kthread_stop(): it ends when the queue is empty.</summary>
    public void Stop(long nowPs)
    {
        _stops = true;
        if (IsSleeping && entry.Length == 0 && !IsWaking) kernel.ExitThread(this);
        else kernel.Wake(this, entry.Cpu, nowPs);
    }

    protected override long PlanBody(long nowPs) => nowPs + _fixedPs;

    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time)
    {
        time.Add(CpuClass.System, toPs - fromPs);
        _fixedPs -= toPs - fromPs;
    }

    protected override void FinishBody(Cpu cpu, long nowPs)
    {
        switch (_state)
        {
            case State.Idle:
                TakeBatch(cpu, nowPs);
                return;
            case State.Building:
                Trace(cpu, nowPs);
                _state = State.Receiving;
                break;
            case State.Receiving:
                Receive(_frames[_next++], cpu, nowPs);
                break;
            case State.Flushing:
                device.GoUp(Gro.TakeFlushed(_flushesOldOnly, kernel.Jiffies(nowPs)), queue: 0, cpu, nowPs);
                break;
        }
        Step(cpu, nowPs);
    }

    private void TakeBatch(Cpu cpu, long nowPs)
    {
        if (entry.Length == 0)
        {
            _hasSlept = true;
            Block(cpu, nowPs);
            if (_stops) kernel.ExitThread(this);
            return;
        }
        if (cpu.CondReschedule(nowPs)) return;
        if (!cpu.TryLocalBhDisable(this))
        {
            Block(cpu, nowPs);
            return;
        }
        _next = 0;
        for (_count = 0; _count < Batch && entry.Length > 0; _count++) _frames[_count] = entry.Consume();
        _sinceFlush += _count;
        _fixedPs = _count * (kernel.Costs.CpuMapFrame + kernel.Costs.SkBuff);
        _state = State.Building;
        cpu.Continue(nowPs);
    }

    /// <summary>The next frame, what GRO still holds, or the end of the batch.</summary>
    private void Step(Cpu cpu, long nowPs)
    {
        if (_next < _count)
        {
            Packet frame = _frames[_next];
            _fixedPs = (UsesGro ? kernel.Costs.GroReceive : 0) + (frame.IsSegment && UsesGro ? device.SegmentPs(frame, Gro, queue: 0, cpu, out _) : device.UpPs(Alone(frame), queue: 0, cpu));
            _state = State.Receiving;
        }
        else if (TryFlush(nowPs, out SkBuff held))
        {
            _fixedPs = device.UpPs(held, queue: 0, cpu);
            _state = State.Flushing;
        }
        else
        {
            _state = State.Idle;
            // Packets steered to other processors: outside NET_RX it is raised to tell them.
            if (cpu.Softnet.WantsIpis) cpu.Softirqs.Raise(SoftirqVector.NET_RX, nowPs);
            cpu.LocalBhEnable();
        }
        cpu.Continue(nowPs);
    }

    /// <summary>cpu_map_gro_flush(): all, or with ticks of a millisecond and a queue that goes on, what is older than the present one.</summary>
    private bool TryFlush(long nowPs, out SkBuff held)
    {
        held = default;
        if (_state != State.Flushing)
        {
            if (_sinceFlush < NapiContext.Weight && entry.Length > 0) return false;
            _sinceFlush = 0;
            _flushesOldOnly = entry.Length > 0 && kernel.Hz >= 1000;
        }
        return Gro.TryPeekFlush(_flushesOldOnly, kernel.Jiffies(nowPs), out held);
    }

    private void Receive(in Packet frame, Cpu cpu, long nowPs)
    {
        if (frame.IsSegment && UsesGro) device.ReceiveSegment(frame, Gro, queue: 0, cpu, nowPs);
        else device.GoUp(Alone(frame), queue: 0, cpu, nowPs);
    }

    /// <summary>skb_set_redirected(): no second program sees it.</summary>
    private static SkBuff Alone(in Packet frame) => new(frame, 1, IsRedirected: true);

    private void Trace(Cpu cpu, long nowPs)
    {
        Tracing.Tracepoint traced = kernel.Tracer.Events.XdpCpumapKthread;
        if (traced.IsEnabled)
            kernel.Tracer.Record(traced, cpu, nowPs, irqsOff: false, 0, null, mapId, (long)XdpAction.Redirect, cpu.Id, 0, _count, _hasSlept ? 1 : 0, 0, 0, 0);
        _hasSlept = false;
    }
}
