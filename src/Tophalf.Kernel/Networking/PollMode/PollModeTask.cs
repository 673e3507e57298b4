using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Networking.PollMode;

/// <summary>
/// The main loop of a poll-mode application on one processor (DPDK's testpmd and l2fwd, ixy's forwarder): a burst from each port in turn, which is thrown away or sent out of the
/// next port. It never sleeps, so its processor is always busy, in user mode, whatever comes.
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
    private long _stepPs;

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

    private RxQueue Rx(int port) => _ports[port].Controller.Vectors[_queue].Rx;

    protected override long PlanBody(long nowPs)
    {
        if (_stepPs > 0) return nowPs + _stepPs;
        long emptyPs = _kernel.Costs.PollModeBurst;
        if (_kernel.Options.Exact)
        {
            BeginStep(nowPs);
            return nowPs + _stepPs;
        }
        // Step n from now looks at port (_port + n) at now + n * emptyPs: which is the first to see a frame?
        long steps = long.MaxValue;
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
        _port = (int)((_port + (toPs - fromPs) / emptyPs) % _ports.Count);
        long begunPs = (toPs - fromPs) % emptyPs;
        if (begunPs == 0) return;
        _packets = 0;
        _stepPs = emptyPs - begunPs;
    }

    private void EndStep(long nowPs)
    {
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
        if (tx.TryPost(packet.Bytes, packet.Flow, nowPs) is not { } sentPs)
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
        cpu.Continue(nowPs);
    }
}
