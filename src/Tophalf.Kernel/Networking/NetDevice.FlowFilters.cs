using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Networking;

/// <summary>
/// Accelerated RFS (Documentation/networking/scaling.rst): where a flow follows its task to another processor, the driver has the device put it on that processor's queue, so that
/// its interrupt and its poll are there too.
/// </summary>
public sealed partial class NetDevice
{
    private readonly Dictionary<int, Filter> _filters = [];
    private readonly List<(int Flow, int? Queue)> _unwritten = [];
    private readonly CallbackEvent _filterWork;

    /// <summary>Filters the driver has, and those it has taken away because their flows had gone quiet or elsewhere.</summary>
    public int FlowFilters => _filters.Count;
    public long ExpiredFilters { get; private set; }

    /// <summary>set_rps_cpu(), net/core/dev.c. Returns the table that has the flow now.</summary>
    private ReceiveSteering Move(int flow, uint hash, int queue, Cpu cpu, long nowPs)
    {
        int to = QueueNear(cpu.Id);
        if (!CanFollow(flow) || to == queue || _steering[to].FlowCount == 0)
        {
            _steering[queue].Enter(hash, cpu, -1);
            return _steering[queue];
        }
        if (!_filters.TryGetValue(flow, out Filter? filter) || filter.Queue != to)
        {
            _filters[flow] = new Filter(to, hash);
            _unwritten.Add((flow, to));
            _kernel.Events.Schedule(_filterWork, nowPs + _kernel.Costs.FlowFilter);
        }
        // A filter is known by its flow.
        _steering[to].Enter(hash, cpu, flow);
        _steering[queue].Forget(hash, flow);
        return _steering[to];
    }

    private bool CanFollow(int flow)
    {
        if (!Model.FollowsFlows || !_features["rx-ntuple-filter"]) return false;
        FlowKey key = _controller.Port.Flows[flow];
        return key is { HasPorts: true, IsFragment: false, Protocol: HashFieldRules.Tcp or HashFieldRules.Udp };
    }

    /// <summary>
    /// cpu_rmap_lookup_index(), lib/cpu_rmap.c: the queue whose line was told to be on that processor; where none was, queues have the processors in turn. How near other processors
    /// are is not asked.
    /// </summary>
    private int QueueNear(int cpu)
    {
        for (int queue = 0; queue < _controller.Queues; queue++)
        {
            CpuMask asked = LineOf(queue).Affinity;
            if (asked.Contains(cpu) && asked != _kernel.OnlineMask) return queue;
        }
        return cpu % _controller.Queues;
    }

    /// <summary>The driver's work (arfs_handle_work of mlx5, bnxt_cfg_ntp_filters, ice_sync_arfs_fltrs): what was asked for is written to the device, and what has gone quiet taken away.</summary>
    private void WriteFilters(long nowPs)
    {
        foreach ((int flow, Filter filter) in _filters.ToArray())
        {
            if (!_steering[filter.Queue].MayExpire(filter.Hash, flow)) continue;
            _filters.Remove(flow);
            _unwritten.Add((flow, null));
            ExpiredFilters++;
        }
        _controller.Follow(_unwritten, nowPs);
        _unwritten.Clear();
    }

    /// <summary>ntuple off, or other queues: none is left.</summary>
    private void DropFilters()
    {
        _kernel.Events.Cancel(_filterWork);
        _unwritten.Clear();
        _controller.Follow(_filters.Keys.Select(flow => (flow, (int?)null)), _kernel.Events.NowPs);
        _filters.Clear();
    }

    private sealed record Filter(int Queue, uint Hash);
}
