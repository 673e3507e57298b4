using Tophalf.Hardware.Devices;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Networking;

/// <summary>
/// One NAPI context (net/core/dev.c): scheduled by the interrupt, polled from NET_RX in portions of <see cref="Weight"/>, and completed,
/// which arms the interrupt again, when a poll finds less than that.
/// <para>
/// A poll spends time packet by packet, but is worked out in runs: nothing that happens inside a run can be seen from outside this processor.
/// A packet that wakes a task or lands in the socket of a task elsewhere ends its run.
/// </para>
/// </summary>
public sealed class Napi
{
    public const int Weight = 64;

    private readonly Kernel _kernel;
    private readonly NetDevice _device;
    private readonly QueueVector _vector;
    private readonly ArmEvent _arm;
    private Cpu _cpu = null!;
    private bool _enabled, _scheduled, _missed;

    private int _planned;
    private long _packetPs;
    private bool _inPacket;

    internal Napi(Kernel kernel, NetDevice device, QueueVector vector)
    {
        _kernel = kernel;
        _device = device;
        _vector = vector;
        _arm = new ArmEvent(vector) { Rank = device.ArmRank + vector.Index };
    }

    /// <summary>Packets taken in the running poll.</summary>
    public int Work { get; private set; }

    public long Polls { get; private set; }
    public bool IsScheduled => _scheduled;
    internal QueueVector Vector => _vector;
    internal string DeviceName => _device.Name;

    /// <summary>napi_schedule(): from the driver's interrupt handler, on the processor that took the interrupt.</summary>
    public void Schedule(Cpu cpu, long nowPs)
    {
        if (_scheduled)
        {
            _missed = true;
            return;
        }
        _scheduled = true;
        cpu.Softnet.Add(this);
        if (!cpu.Softnet.InNetRxAction) cpu.Softirqs.Raise(SoftirqVector.NET_RX, nowPs);
    }

    /// <summary>Begins a poll; returns what cleaning the transmit ring costs first.</summary>
    internal long BeginPoll(Cpu cpu, long nowPs)
    {
        _cpu = cpu;
        Work = 0;
        Polls++;
        int completed = _vector.Tx.Completed(nowPs);
        _vector.Tx.Clean(completed);
        return completed * _kernel.Costs.TransmitComplete;
    }

    /// <summary>
    /// When the next run is through: all packets that are in the ring by then and that only this processor can see, or one packet that
    /// others see too. The first packet's cost is settled here, because what it costs to wake its task depends on the moment it begins.
    /// </summary>
    internal long PlanPoll(long nowPs)
    {
        RxQueue rx = _vector.Rx;
        rx.Pump(nowPs);
        int most = Math.Min(rx.Count, Weight - Work);
        _planned = 0;
        if (most == 0) return nowPs;
        if (!_inPacket)
        {
            _packetPs = _device.ReceiveCostPs(rx[0], _cpu);
            _inPacket = true;
        }
        long atPs = nowPs + _packetPs;
        _planned = 1;
        if (_device.Exact || _device.IsSeenOutside(rx[0], _cpu)) return atPs;
        while (_planned < most && !_device.IsSeenOutside(rx[_planned], _cpu))
        {
            atPs += _device.ReceiveCostPs(rx[_planned], _cpu);
            _planned++;
        }
        return atPs;
    }

    internal void AdvancePoll(long fromPs, long toPs)
    {
        RxQueue rx = _vector.Rx;
        while (_planned > 0)
        {
            if (!_inPacket)
            {
                _packetPs = _device.ReceiveCostPs(rx[0], _cpu);
                _inPacket = true;
            }
            if (_packetPs > toPs - fromPs)
            {
                _packetPs -= toPs - fromPs;
                return;
            }
            fromPs += _packetPs;
            _inPacket = false;
            _planned--;
            Packet packet = rx[0];
            rx.Take(fromPs);
            Work++;
            _cpu.Softnet.Processed++;
            _device.Receive(packet, _cpu, fromPs);
        }
    }

    /// <summary>After a run: is there more to take within the budget?</summary>
    internal bool PollGoesOn(long nowPs)
    {
        AdvancePoll(nowPs, nowPs);
        _vector.Rx.Pump(nowPs);
        bool more = Work < Weight && _vector.Rx.Count > 0;
        if (!more && _kernel.Trace is { } trace && trace.Wants(_cpu.Id))
            trace.Add(nowPs, $"CPU {_cpu.Id}", $"poll of {_device.Name} queue {_vector.Index}: {Work} packet(s)", 0);
        return more;
    }

    /// <summary>napi_complete_done(): the context is free again and the interrupt armed, unless it was scheduled once more in the meantime.</summary>
    internal void Complete(Cpu cpu, long nowPs)
    {
        _scheduled = false;
        if (!_enabled) return;
        if (_missed)
        {
            _missed = false;
            Schedule(cpu, nowPs);
            return;
        }
        _kernel.Events.Schedule(_arm, nowPs + _kernel.Costs.DeviceWrite);
    }

    /// <summary>napi_enable(), and the entry armed. A poll that still runs from before arms it when it is through, as nobody may interrupt for a ring being polled.</summary>
    internal void Enable(long nowPs)
    {
        _enabled = true;
        if (!_scheduled) _vector.Arm(nowPs);
    }

    /// <summary>napi_disable(): the queue is being taken down. What was scheduled is polled to its end, and does not arm the entry.</summary>
    internal void Disable()
    {
        _enabled = _missed = false;
        _kernel.Events.Cancel(_arm);
        _vector.Disarm();
    }

    /// <summary>The driver's register write that arms the entry again, when it reaches the device.</summary>
    private sealed class ArmEvent(QueueVector vector) : SimEvent
    {
        protected override void Fire(long nowPs) => vector.Arm(nowPs);
    }
}
