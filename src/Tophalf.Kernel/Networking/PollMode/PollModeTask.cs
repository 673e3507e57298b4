using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Networking.PollMode;

/// <summary>
/// The main loop of a poll-mode application on one processor (DPDK's testpmd and l2fwd, ixy's forwarder): a burst from each port in turn, which is thrown away or sent out of the
/// next port. Unless it is told to sleep it never does, so its processor is always busy, in user mode, whatever comes.
/// <para>
/// Bursts that find nothing are worked out together: the next that can find something follows from what is on the wire.
/// </para>
/// </summary>
public sealed class PollModeTask : KernelTask
{
    /// <summary>How far the wire is looked along for what ends a row of empty bursts.</summary>
    private const long SightPs = SimTime.Millisecond;

    private readonly Kernel _kernel;
    private readonly IReadOnlyList<PollModePort> _ports;
    private readonly int _queue, _burst;
    private readonly bool _forwards;
    private int _port, _packets;
    private long _stepPs, _emptyBursts;
    private Step _step;

    private enum Step { Burst, Arming, Armed, Waking }

    /// <param name="kernel">The kernel it runs on.</param>
    /// <param name="comm">Its name, 15 characters at most.</param>
    /// <param name="cpu">The processor it is pinned to.</param>
    /// <param name="ports">Those it polls, in turn.</param>
    /// <param name="queue">Which queue of each.</param>
    /// <param name="burst">Frames it takes at once, at most.</param>
    /// <param name="forwards">What comes in by one port goes out by the next; else it is thrown away.</param>
    public PollModeTask(Kernel kernel, string comm, int cpu, IReadOnlyList<PollModePort> ports, int queue, int burst, bool forwards) : base(comm, CpuMask.Of(cpu))
    {
        _kernel = kernel;
        _ports = ports;
        _queue = queue;
        _burst = burst;
        _forwards = forwards;
    }

    /// <summary>
    /// The interrupt mode of DPDK's l3fwd-power: after so many empty bursts in a row it has the cards interrupt (rte_eth_dev_rx_intr_enable) and sleeps in epoll_wait until one
    /// does; 0: it never sleeps.
    /// </summary>
    public int SleepsAfter { get; init; }

    private RxQueue Rx(int port) => _ports[port].Controller.Vectors[_queue].Rx;

    protected override long PlanBody(long nowPs)
    {
        if (_stepPs > 0) return nowPs + _stepPs;
        if (SleepsAfter > 0 && _emptyBursts >= SleepsAfter)
        {
            _step = Step.Arming;
            _stepPs = CallPs;
            return nowPs + _stepPs;
        }
        long emptyPs = _kernel.Costs.PollModeBurst;
        if (_kernel.Options.Exact)
        {
            BeginStep(nowPs);
            return nowPs + _stepPs;
        }
        // Step n from now looks at port (_port + n) at now + n * emptyPs: which is the first to see a frame?
        long steps = SleepsAfter > 0 ? SleepsAfter - _emptyBursts : long.MaxValue;
        for (int i = 0; i < _ports.Count; i++)
        {
            RxQueue rx = Rx((_port + i) % _ports.Count);
            rx.Pump(nowPs);
            long atPs = rx.FirstPs(nowPs + SightPs);
            long waitPs = atPs == SimTime.Never ? SightPs : Math.Max(atPs - nowPs, 0);
            long turns = Math.Max((waitPs + emptyPs - 1) / emptyPs - i + _ports.Count - 1, 0) / _ports.Count;
            steps = Math.Min(steps, turns * _ports.Count + i);
        }
        if (steps > 0) return nowPs + steps * emptyPs;
        BeginStep(nowPs);
        return nowPs + _stepPs;
    }

    /// <summary>A register write at every port, and the system call it sleeps in.</summary>
    private long CallPs => _ports.Count * _kernel.Costs.DeviceWrite + _kernel.Costs.Syscall;

    /// <summary>rte_eth_rx_burst() on the port whose turn it is.</summary>
    private void BeginStep(long nowPs)
    {
        Rx(_port).Pump(nowPs);
        _packets = Math.Min(Rx(_port).Count, _burst);
        _stepPs = _kernel.Costs.PollModeBurst + _packets * _kernel.Costs.PollModePacket + (_packets > 0 && _forwards ? _kernel.Costs.DeviceWrite : 0);
    }

    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time)
    {
        time.Add(UserClass, toPs - fromPs);
        if (_stepPs > 0)
        {
            long ps = Math.Min(_stepPs, toPs - fromPs);
            _stepPs -= ps;
            fromPs += ps;
            if (_stepPs > 0) return;
            EndStep(fromPs);
        }
        if (fromPs == toPs) return;
        // What is left are bursts that find nothing, by the plan.
        long emptyPs = _kernel.Costs.PollModeBurst;
        _emptyBursts += (toPs - fromPs) / emptyPs;
        _port = (int)((_port + (toPs - fromPs) / emptyPs) % _ports.Count);
        long begunPs = (toPs - fromPs) % emptyPs;
        if (begunPs == 0) return;
        _packets = 0;
        _stepPs = emptyPs - begunPs;
    }

    private void EndStep(long nowPs)
    {
        if (_step != Step.Burst)
        {
            _step = _step == Step.Arming ? Step.Armed : Step.Burst;
            return;
        }
        _emptyBursts = _packets > 0 ? 0 : _emptyBursts + 1;
        PollModePort from = _ports[_port], to = _ports[(_port + 1) % _ports.Count];
        for (; _packets > 0; _packets--)
        {
            Packet packet = Rx(_port)[0];
            Rx(_port).Take(nowPs);
            if (_forwards) Forward(packet, from, to, nowPs);
            else from.Dropped++;
        }
        _port = (_port + 1) % _ports.Count;
    }

    private void Forward(in Packet packet, PollModePort from, PollModePort to, long nowPs)
    {
        TxQueue tx = to.Controller.Vectors[_queue].Tx;
        // Descriptors of frames that are out are taken back before the ring is filled.
        tx.Clean(tx.Completed(nowPs));
        if (tx.TryPost(new Packet(nowPs, packet.Bytes, packet.Flow)) is not { } sentPs)
        {
            from.NoRoom++;
            return;
        }
        from.Forwarded++;
        from.Latency.Record(sentPs - packet.AtPs + _kernel.Costs.CardLatency);
    }

    protected override void FinishBody(Cpu cpu, long nowPs)
    {
        AdvanceBody(nowPs, nowPs, cpu.Time);
        if (_step == Step.Armed)
        {
            _step = Step.Burst;
            _emptyBursts = 0;
            foreach (PollModePort port in _ports) port.Controller.Vectors[_queue].Arm(nowPs);
            // What came while it armed would not interrupt any more on a real card, so it looks once again.
            if (_ports.All(port => port.Controller.Vectors[_queue].Rx.Count == 0))
            {
                Block(cpu, nowPs);
                return;
            }
            Disarm();
        }
        cpu.Continue(nowPs);
    }

    /// <summary>epoll_wait returns: rte_eth_dev_rx_intr_disable at every port.</summary>
    protected override void Woken(long nowPs)
    {
        if (SleepsAfter == 0) return;
        Disarm();
        _step = Step.Waking;
        _stepPs = CallPs;
    }

    private void Disarm()
    {
        foreach (PollModePort port in _ports) port.Controller.Vectors[_queue].Disarm();
    }
}
