using System.Numerics;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>
/// Which processor handles a packet of one receive queue (net/core/dev.c, get_rps_cpu): rps_cpus spreads flows by hash, rps_flow_cnt with
/// net.core.rps_sock_flow_entries lets a flow follow the processor whose task last received from it.
/// </summary>
public sealed class ReceiveSteering
{
    private const int NoCpu = -1, NoFilter = -1;

    private readonly Kernel _kernel;
    private int[] _map = [];
    private Flow[] _flows = [];

    internal ReceiveSteering(Kernel kernel) => _kernel = kernel;

    /// <summary>rps_cpus; empty: off.</summary>
    public CpuMask Cpus { get; private set; }

    /// <summary>rps_flow_cnt; a power of two, or 0: off.</summary>
    public int FlowCount => _flows.Length;

    public bool IsOn => _map.Length > 0 || FollowsFlows;

    /// <summary>Both tables of RFS are there.</summary>
    internal bool FollowsFlows => _flows.Length > 0 && _kernel.SocketFlows.Entries > 0;

    internal void SetCpus(CpuMask cpus)
    {
        Cpus = cpus;
        _map = [.. cpus.And(_kernel.OnlineMask)];
    }

    /// <summary>store_rps_dev_flow_table_cnt: rounded up to a power of two.</summary>
    internal void SetFlowCount(int count)
    {
        _flows = new Flow[count == 0 ? 0 : (int)BitOperations.RoundUpToPowerOf2((uint)count)];
        Array.Fill(_flows, new Flow(NoCpu, 0, NoFilter));
    }

    /// <summary>
    /// The processor whose backlog a packet goes to; null: the polling processor handles it at once. <paramref name="moves"/>: its flow goes there from now on, and whoever asked enters it
    /// into this table, or into that of the queue the device will put the flow on.
    /// </summary>
    internal Cpu? Choose(uint hash, out bool moves)
    {
        moves = false;
        if (FollowsFlows && _kernel.SocketFlows.Find(hash) is { } desired)
        {
            Flow flow = _flows[hash & (uint)(_flows.Length - 1)];
            // A flow moves only when its packets at the old processor have been taken, so that none overtakes another.
            moves = flow.Cpu != desired && (flow.Cpu == NoCpu || !_kernel.OnlineMask.Contains(flow.Cpu) || _kernel.Cpus[flow.Cpu].Softnet.Backlog.Head >= flow.LastTail);
            int at = moves ? desired : flow.Cpu;
            if (at != NoCpu && _kernel.OnlineMask.Contains(at)) return _kernel.Cpus[at];
            moves = false;
        }
        if (_map.Length == 0) return null;
        int cpu = _map[(int)((ulong)hash * (uint)_map.Length >> 32)];
        return _kernel.OnlineMask.Contains(cpu) ? _kernel.Cpus[cpu] : null;
    }

    /// <summary>set_rps_cpu(): the flow is that processor's. <paramref name="filter"/>: the number of the device's filter for it; below zero for none.</summary>
    internal void Enter(uint hash, Cpu cpu, int filter)
    {
        ref Flow flow = ref _flows[hash & (uint)(_flows.Length - 1)];
        flow = new Flow(cpu.Id, cpu.Softnet.Backlog.Head, filter >= 0 ? filter : flow.Filter);
    }

    /// <summary>Another table has the filter now.</summary>
    internal void Forget(uint hash, int filter)
    {
        ref Flow flow = ref _flows[hash & (uint)(_flows.Length - 1)];
        if (flow.Filter == filter) flow = flow with { Filter = NoFilter };
    }

    /// <summary>rps_may_expire_flow(): the filter's place has another flow's by now, or nothing has come for so long that ten times the table has gone through that processor's backlog.</summary>
    internal bool MayExpire(uint hash, int filter)
    {
        if (_flows.Length == 0) return true;
        Flow flow = _flows[hash & (uint)(_flows.Length - 1)];
        return flow.Filter != filter || flow.Cpu == NoCpu || _kernel.Cpus[flow.Cpu].Softnet.Backlog.Head - flow.LastTail >= 10L * (_flows.Length - 1);
    }

    /// <summary>The packet went into that backlog.</summary>
    internal void Enqueued(uint hash, Cpu cpu)
    {
        if (!FollowsFlows) return;
        ref Flow flow = ref _flows[hash & (uint)(_flows.Length - 1)];
        if (flow.Cpu == cpu.Id) flow = flow with { LastTail = cpu.Softnet.Backlog.Tail };
    }

    private readonly record struct Flow(int Cpu, long LastTail, int Filter);
}

/// <summary>
/// struct rps_sock_flow_table: for each hash the processor on which a task last received. An entry keeps the upper bits of the hash too, so that flows that share it
/// are told apart.
/// </summary>
public sealed class SocketFlowTable
{
    private (uint Upper, int Cpu, long AtPs)[] _entries = [];

    /// <summary>net.core.rps_sock_flow_entries; a power of two, or 0: off.</summary>
    public int Entries
    {
        get => _entries.Length;
        internal set
        {
            _entries = new (uint, int, long)[value == 0 ? 0 : (int)BitOperations.RoundUpToPowerOf2((uint)value)];
            Array.Fill(_entries, (Upper: 0u, Cpu: -1, AtPs: -1L));
        }
    }

    /// <summary>
    /// sock_rps_record_flow(), in a receive call. Tasks of several processors share a place, and what they did comes to light processor by processor: the latest call counts,
    /// and of two at the same moment that of the higher processor.
    /// </summary>
    internal void Record(uint hash, int cpu, long nowPs)
    {
        if (_entries.Length == 0) return;
        ref (uint Upper, int Cpu, long AtPs) entry = ref _entries[Index(hash)];
        if ((nowPs, cpu).CompareTo((entry.AtPs, entry.Cpu)) >= 0) entry = (Upper(hash), cpu, nowPs);
    }

    internal int? Find(uint hash)
    {
        (uint upper, int cpu, _) = _entries[Index(hash)];
        return cpu >= 0 && upper == Upper(hash) ? cpu : null;
    }

    private uint Index(uint hash) => hash & (uint)(_entries.Length - 1);
    private uint Upper(uint hash) => hash / (uint)_entries.Length;
}
