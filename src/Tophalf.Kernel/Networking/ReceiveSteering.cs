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
    private const int NoCpu = -1;

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
        Array.Fill(_flows, new Flow(NoCpu, 0));
    }

    /// <summary>The processor whose backlog a packet goes to; null: the polling processor handles it at once.</summary>
    internal Cpu? Choose(uint hash)
    {
        if (FollowsFlows && _kernel.SocketFlows.Find(hash) is { } desired)
        {
            ref Flow flow = ref _flows[hash & (uint)(_flows.Length - 1)];
            // A flow moves only when its packets at the old processor have been taken, so that none overtakes another.
            bool mayMove = flow.Cpu == NoCpu || !_kernel.OnlineMask.Contains(flow.Cpu) || _kernel.Cpus[flow.Cpu].Softnet.Backlog.Head >= flow.LastTail;
            if (flow.Cpu != desired && mayMove) flow = flow with { Cpu = desired, LastTail = _kernel.Cpus[desired].Softnet.Backlog.Head };
            if (flow.Cpu != NoCpu && _kernel.OnlineMask.Contains(flow.Cpu)) return _kernel.Cpus[flow.Cpu];
        }
        if (_map.Length == 0) return null;
        int cpu = _map[(int)((ulong)hash * (uint)_map.Length >> 32)];
        return _kernel.OnlineMask.Contains(cpu) ? _kernel.Cpus[cpu] : null;
    }

    /// <summary>The packet went into that backlog.</summary>
    internal void Enqueued(uint hash, Cpu cpu)
    {
        if (!FollowsFlows) return;
        ref Flow flow = ref _flows[hash & (uint)(_flows.Length - 1)];
        if (flow.Cpu == cpu.Id) flow = flow with { LastTail = cpu.Softnet.Backlog.Tail };
    }

    private readonly record struct Flow(int Cpu, long LastTail);
}

/// <summary>
/// struct rps_sock_flow_table: for each hash the processor on which a task last received. An entry keeps the upper bits of the hash too, so that flows that share it
/// are told apart.
/// </summary>
public sealed class SocketFlowTable
{
    private (uint Upper, int Cpu)[] _entries = [];

    /// <summary>net.core.rps_sock_flow_entries; a power of two, or 0: off.</summary>
    public int Entries
    {
        get => _entries.Length;
        internal set
        {
            _entries = new (uint, int)[value == 0 ? 0 : (int)BitOperations.RoundUpToPowerOf2((uint)value)];
            Array.Fill(_entries, (Upper: 0u, Cpu: -1));
        }
    }

    /// <summary>sock_rps_record_flow(), in a receive call.</summary>
    internal void Record(uint hash, int cpu)
    {
        if (_entries.Length > 0) _entries[Index(hash)] = (Upper(hash), cpu);
    }

    internal int? Find(uint hash)
    {
        (uint upper, int cpu) = _entries[Index(hash)];
        return cpu >= 0 && upper == Upper(hash) ? cpu : null;
    }

    private uint Index(uint hash) => hash & (uint)(_entries.Length - 1);
    private uint Upper(uint hash) => hash / (uint)_entries.Length;
}
