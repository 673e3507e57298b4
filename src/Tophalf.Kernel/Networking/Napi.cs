using Tophalf.Hardware.Devices;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Networking.Adaptive;
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
public sealed partial class Napi : NapiContext
{
    /// <summary>Vectors a device has at most, as far as the ranks of its events go.</summary>
    internal const int MostVectors = 64;

    private readonly NetDevice _device;
    private readonly QueueVector _vector;
    private readonly ArmEvent _arm;
    private readonly Action<long> _syncPoller;
    private readonly HrTimer _watchdog;
    private Cpu? _watchdogCpu;
    private bool _enabled;
    private int _emptyPollsLeft;
    private readonly int _weight;
    private int _budget;

    // What each packet of the planned run costs, and how many of them are done.
    private readonly long[] _planPs;
    private int _planned, _done;
    private long _packetPs;
    private bool _inPacket, _isWarm;
    private long _coldPs;

    internal Napi(Kernel kernel, NetDevice device, QueueVector vector, int id, int weight) : base(kernel)
    {
        _weight = _budget = weight;
        _planPs = new long[weight];
        Id = id;
        _device = device;
        _vector = vector;
        _syncPoller = _ => Cpu.Sync(Kernel.Events.NowPs);
        _watchdog = new HrTimer(Watchdog);
        _arm = new ArmEvent(vector) { Rank = device.ArmRank + vector.Index };
        Moderation = new VectorModeration(kernel, device.Model, vector, device.Controller.TransmitLink.BitsPerSecond, device.ArmRank + MostVectors + vector.Index, device.XdpCounts[vector.Index]);
    }

    /// <summary>napi_id: numbers from MIN_NAPI_ID up, in the order of registration.</summary>
    public int Id { get; }

    internal override int Portion => _weight;
    internal QueueVector Vector => _vector;
    internal override string DeviceName => _device.Name;
    internal override int Number => _vector.Index;

    /// <summary>The thread that was made for it, whether it polls now or not.</summary>
    internal NapiThread? OwnThread { get; set; }

    internal VectorModeration Moderation { get; }

    /// <summary>State of net DIM for the receive queue; null where the driver does not use it, or it is off.</summary>
    public NetDim? RxDim => Moderation.RxDim;

    /// <summary>Begins a poll; returns what cleaning the transmit ring costs first.</summary>
    internal override long BeginPoll(Cpu cpu, long nowPs)
    {
        MayBeRaised = _vector.IsArmed || _arm.IsScheduled;
        // Before the device looks at the ring, what this poll has taken by then is out of it.
        if (MayBeRaised) _vector.Watcher = _syncPoller;
        return BeginPortion(cpu, nowPs);
    }

    private long BeginPortion(Cpu cpu, long nowPs)
    {
        Cpu = cpu;
        Work = 0;
        _holds = _isBusyTurn = false;
        Polls++;
        int completed = _vector.Tx.Completed(nowPs);
        _vector.Tx.Clean(completed);
        if (_vector.HasXdpTx) completed += CleanXdp(cpu, nowPs);
        _coldPs = _isWarm ? 0 : Kernel.Costs.ReceiveCold;
        _isWarm = true;
        return completed * Kernel.Costs.TransmitComplete;
    }

    /// <summary>
    /// When the next run is through: all packets that are in the ring by then and that only this processor can see, or one packet that
    /// others see too. The first packet's cost is settled here, because what it costs to wake its task depends on the moment it begins.
    /// </summary>
    internal override long PlanPoll(long nowPs)
    {
        if (_isFlushing) return PlanFlush(nowPs);
        RxQueue rx = _vector.Rx;
        rx.Pump(nowPs);
        int most = Math.Min(Math.Min(rx.Count, _budget - Work), _planPs.Length);
        _planned = _done = 0;
        if (most == 0) return nowPs;
        if (!_inPacket)
        {
            _packetPs = _device.ReceivePs(rx[0], _vector.Index, Cpu) + _coldPs;
            _inPacket = true;
        }
        long atPs = nowPs + _packetPs;
        _planned = 1;
        if (_device.Exact || _device.IsSeenOutside(rx[0], _vector.Index, Cpu, ahead: 0)) return atPs;
        while (_planned < most && !_device.IsSeenOutside(rx[_planned], _vector.Index, Cpu, _planned))
        {
            long costPs = _device.ReceivePs(rx[_planned], _vector.Index, Cpu) + _coldPs;
            _planPs[_planned++] = costPs;
            atPs += costPs;
        }
        return atPs;
    }

    internal override void AdvancePoll(long fromPs, long toPs)
    {
        if (_isFlushing)
        {
            AdvanceFlush(fromPs, toPs);
            return;
        }
        RxQueue rx = _vector.Rx;
        while (_done < _planned)
        {
            if (!_inPacket)
            {
                // What it costs may have changed when the poll goes on.
                if (fromPs == toPs) return;
                _packetPs = _planPs[_done];
                _inPacket = true;
            }
            if (_packetPs > toPs - fromPs)
            {
                _packetPs -= toPs - fromPs;
                return;
            }
            fromPs += _packetPs;
            _inPacket = false;
            _done++;
            Packet packet = rx[0];
            if (_vector.IsArmed) _vector.Served(packet.AtPs);
            rx.Take(fromPs);
            Work++;
            _device.Receive(packet, _vector.Index, Cpu, fromPs);
        }
    }

    /// <summary>After a run: is there more to take within the budget, or to flush at the end?</summary>
    internal override bool PollGoesOn(long nowPs)
    {
        AdvancePoll(nowPs, nowPs);
        if (_isFlushing) return FlushGoesOn(nowPs);
        _vector.Rx.Pump(nowPs);
        bool more = Work < _budget && !IsHeld && _vector.Rx.Count > 0;
        if (!more && Kernel.Trace is { } trace && trace.Wants(Cpu.Id))
            trace.Add(nowPs, $"CPU {Cpu.Id}", $"poll of {_device.Name} queue {_vector.Index}: {Work} packet(s)", 0);
        return more || (HasToHandOver && BeginXdpFlush()) || (Gro.Count > 0 && BeginFlush(nowPs));
    }

    /// <summary>gro_flush_timeout is set and an empty poll more is tolerated: the interrupt will stay off, and a timer poll again.</summary>
    private bool Defers => GroFlushTimeoutPs > 0 && (Work > 0 ? DeferHardIrqs : _emptyPollsLeft) > 0;

    internal override long CompletePs => Kernel.Costs.NapiComplete + (Defers || _holds ? Kernel.Costs.HrTimer : 0);

    /// <summary>
    /// The context is free again and the interrupt armed, unless it was scheduled once more in the meantime. With napi_defer_hard_irqs a poll that found something grants so many
    /// empty polls, gro_flush_timeout apart, before the interrupt is armed. One that a busy-polling task wanted, and that has not found the ring empty, is scheduled again
    /// instead of armed.
    /// </summary>
    internal override void Complete(Cpu cpu, long nowPs)
    {
        _isWarm = false;
        _vector.Watcher = null;
        if (Work > 0) _emptyPollsLeft = DeferHardIrqs;
        bool defers = _emptyPollsLeft > 0 && GroFlushTimeoutPs > 0;
        if (_emptyPollsLeft > 0) _emptyPollsLeft--;
        IsScheduled = PrefersBusyPoll = false;
        if (!_enabled) return;
        if (IsHeld)
        {
            IsMissed = false;
            StartWatchdog(cpu, Kernel.TickPs, nowPs);
            return;
        }
        if (IsMissed)
        {
            IsMissed = false;
            Schedule(cpu, nowPs);
            return;
        }
        if (defers || _holds) StartWatchdog(cpu, GroFlushTimeoutPs, nowPs);
        if (defers) return;
        if (Work >= _budget) Schedule(cpu, nowPs);
        else
        {
            Moderation.PollDone(nowPs);
            ArmSoon(nowPs);
        }
    }

    private void StartWatchdog(Cpu cpu, long afterPs, long nowPs)
    {
        _watchdogCpu = cpu;
        cpu.Tick.Start(_watchdog, nowPs + afterPs, nowPs);
    }

    /// <summary>napi_watchdog(): the timer of gro_flush_timeout, or of irq_suspend_timeout, in hard interrupt context.</summary>
    private void Watchdog(Cpu cpu)
    {
        if (!_enabled || IsScheduled) return;
        PrefersBusyPoll = IsHeld = false;
        cpu.Spend(Kernel.Costs.SoftirqRaise);
        Schedule(cpu, cpu.LocalPs);
    }

    /// <summary>napi_enable(), and the entry armed. A poll that still runs from before arms it when it is through, as nobody may interrupt for a ring being polled.</summary>
    internal void Enable(long nowPs)
    {
        _enabled = true;
        if (!IsScheduled && !_device.Model.IsVirtual) _vector.Arm(nowPs);
    }

    /// <summary>napi_disable(): the queue is being taken down. What was scheduled is polled to its end, and does not arm the entry.</summary>
    internal void Disable()
    {
        _enabled = IsMissed = false;
        Kernel.Events.Cancel(_arm);
        _watchdogCpu?.Tick.Cancel(_watchdog, Kernel.Events.NowPs);
        if (!IsScheduled) _device.FreeHeld(Gro);
        _vector.Disarm();
    }

    /// <summary>The driver lets the entry raise again: a register write.</summary>
    internal void ArmSoon(long nowPs)
    {
        if (_enabled && !_device.Model.IsVirtual) Kernel.Events.Schedule(_arm, nowPs + Kernel.Costs.DeviceWrite);
    }

    /// <summary>The driver's register write that arms the entry again, when it reaches the device.</summary>
    private sealed class ArmEvent(QueueVector vector) : SimEvent
    {
        protected override void Fire(long nowPs) => vector.Arm(nowPs);
    }
}
