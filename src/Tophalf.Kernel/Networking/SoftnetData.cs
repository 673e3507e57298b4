using System.Diagnostics.CodeAnalysis;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Networking;

/// <summary>struct softnet_data of one processor: the NAPI contexts waiting to be polled, and the counters of /proc/net/softnet_stat.</summary>
public sealed class SoftnetData
{
    private readonly Kernel _kernel;
    private readonly Queue<NapiContext> _arrived = new(), _taken = new();
    private readonly List<Cpu> _wantIpi = [];
    private bool _rpsTriggered;

    internal SoftnetData(Kernel kernel)
    {
        _kernel = kernel;
        Backlog = new BacklogNapi(kernel);
    }

    public uint Processed { get; internal set; }
    public uint Dropped { get; internal set; }
    public uint TimeSqueeze { get; internal set; }

    /// <summary>Interrupts other processors sent because they steered packets here.</summary>
    public uint ReceivedRps { get; private set; }

    /// <summary>Sent frames that a hard interrupt is through with and must not free itself (completion_queue).</summary>
    public int ToFree { get; private set; }

    /// <summary>dev_kfree_skb_irq: so many frames more, freed in the NET_TX softirq.</summary>
    internal void FreeLater(int frames, Cpu cpu)
    {
        if (frames == 0) return;
        ToFree += frames;
        cpu.Softirqs.Raise(SoftirqVector.NET_TX, cpu.LocalPs);
    }

    /// <summary>net_tx_action, the half of it that frees; what a frame costs is in tx_complete as a whole.</summary>
    internal void FreeNow() => ToFree = 0;

    /// <summary>Packets steered to this processor.</summary>
    public BacklogNapi Backlog { get; }

    internal bool InNetRxAction { get; set; }
    internal List<NapiContext> Repoll { get; } = [];
    internal bool HasWork => _arrived.Count > 0;

    internal void Add(NapiContext napi) => _arrived.Enqueue(napi);

    /// <summary>net_rx_action takes the whole list; contexts scheduled from now on wait for its next turn.</summary>
    internal void TakeList()
    {
        while (_arrived.TryDequeue(out NapiContext? napi)) _taken.Enqueue(napi);
    }

    internal bool TryTake([NotNullWhen(true)] out NapiContext? napi) => _taken.TryDequeue(out napi);

    /// <summary>What was not polled goes before what came meanwhile, and what must be polled again behind both.</summary>
    internal void PutBack()
    {
        while (_arrived.TryDequeue(out NapiContext? napi)) _taken.Enqueue(napi);
        foreach (NapiContext napi in Repoll) _taken.Enqueue(napi);
        Repoll.Clear();
        TakeBack();
    }

    private void TakeBack()
    {
        while (_taken.TryDequeue(out NapiContext? napi)) _arrived.Enqueue(napi);
    }

    /// <summary>
    /// dev_cpu_dead: contexts that waited on a processor that is gone are polled here, and the packets of its backlog go into this one's. Its processor is to have taken
    /// its interrupts.
    /// </summary>
    internal void TakeOver(Cpu self, Cpu dead, long nowPs)
    {
        SoftnetData from = dead.Softnet;
        if (from.ToFree > 0) self.Softirqs.Raise(SoftirqVector.NET_TX, nowPs);
        (ToFree, from.ToFree) = (ToFree + from.ToFree, 0);
        while (from._arrived.TryDequeue(out NapiContext? napi))
        {
            if (!ReferenceEquals(napi, from.Backlog)) napi.Enlist(self, nowPs);
        }
        from.Backlog.Empty(self, nowPs);
    }

    // ---- receive packet steering -----------------------------------------------------------------------------------------------

    /// <summary>napi_schedule_rps(): the interrupt for that processor waits for the end of this one's softirq.</summary>
    internal void WantIpi(Cpu target) => _wantIpi.Add(target);

    internal bool WantsIpis => _wantIpi.Count > 0;

    /// <summary>net_rps_send_ipi().</summary>
    internal void SendIpis(Cpu cpu, long nowPs)
    {
        foreach (Cpu target in _wantIpi)
        {
            target.Softnet._rpsTriggered = true;
            _kernel.SmpCalls.Queue(target, cpu, nowPs);
        }
        _wantIpi.Clear();
    }

    /// <summary>rps_trigger_softirq(), called by the processor that has packets for this one.</summary>
    internal void FunctionCalled(Cpu cpu)
    {
        if (!_rpsTriggered) return;
        _rpsTriggered = false;
        ReceivedRps++;
        cpu.Spend(_kernel.Costs.SoftirqRaise);
        Backlog.Enlist(cpu, cpu.LocalPs);
    }
}
