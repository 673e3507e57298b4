using Tophalf.Kernel.Drivers;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Storage;

/// <summary>
/// A disk behind blk-mq (block/blk-mq.c): a request goes to the hardware queue of the processor that submits it, and comes back with that queue's interrupt. It is
/// finished in the interrupt, or in the BLOCK softirq: of the submitter's processor if <see cref="RqAffinity"/> wants it back there, of this one if the device
/// has one queue only.
/// </summary>
public sealed class BlockDevice
{
    private readonly Kernel _kernel;
    private readonly IReadOnlyList<LineDriver> _queues;
    private readonly Queue<BlockRequest>[] _done;
    private readonly int[] _queueOfCpu;

    /// <param name="kernel">The kernel.</param>
    /// <param name="name">As in /sys/block.</param>
    /// <param name="queues">The drivers of its queues' vectors, whose masks say which processors submit where.</param>
    public BlockDevice(Kernel kernel, string name, IReadOnlyList<LineDriver> queues)
    {
        _kernel = kernel;
        Name = name;
        _queues = queues;
        _done = [.. queues.Select(_ => new Queue<BlockRequest>())];
        _queueOfCpu = [.. kernel.Cpus.Select(cpu => Math.Max(0, Enumerable.Range(0, queues.Count).FirstOrDefault(i => queues[i].Line.Affinity.Contains(cpu.Id))))];
        for (int i = 0; i < queues.Count; i++)
        {
            int queue = i;
            queues[i].Serve = cpu => Interrupt(queue, cpu);
        }
        kernel.BlockDevices.Add(this);
    }

    public string Name { get; }

    /// <summary>queue/rq_affinity: 0 finishes a request where its interrupt came, 1 on a processor that shares a cache with the submitter, 2 on the submitter's own.</summary>
    public int RqAffinity { get; set; } = 1;

    /// <summary>Requests that were submitted, and that are finished.</summary>
    public long Submitted { get; private set; }
    public long Completed { get; private set; }

    private readonly HashSet<BlockRequest> _requests = [];

    /// <summary>Requests of which their submitter does not know yet that they are done.</summary>
    public int InFlight => _requests.Count(request => !request.IsDone);

    /// <summary>The doorbell is rung: the device is done with the request after so long.</summary>
    internal void Submit(BlockRequest request, Cpu cpu, long latencyPs, long nowPs)
    {
        Submitted++;
        request.IsDone = false;
        _requests.Add(request);
        request.Device = this;
        request.Submitter = cpu;
        request.Queue = _queueOfCpu[cpu.Id];
        _kernel.Events.Schedule(request, nowPs + latencyPs);
    }

    /// <summary>The device has put the entry into the completion queue.</summary>
    internal void Posted(BlockRequest request, long nowPs)
    {
        _done[request.Queue].Enqueue(request);
        _queues[request.Queue].Device.Raise(nowPs);
    }

    /// <summary>nvme_irq and its like: all entries that are there. One that is posted while this runs brings an interrupt of its own.</summary>
    private void Interrupt(int queue, Cpu cpu)
    {
        while (_done[queue].TryDequeue(out BlockRequest? request))
        {
            cpu.Spend(_kernel.Costs.BlockEntry);
            if (WantsOther(request, cpu)) _kernel.BlockSoftirq.Send(request, cpu);
            else if (_queues.Count == 1 && _kernel.CpuCount > 1) _kernel.BlockSoftirq.Raise(request, cpu);
            else Finish(request, cpu);
        }
    }

    /// <summary>blk_mq_complete_need_ipi.</summary>
    private bool WantsOther(BlockRequest request, Cpu cpu)
    {
        Cpu submitter = request.Submitter;
        if (RqAffinity == 0 || submitter == cpu || _kernel.Irqs.Parameters.ThreadIrqs || !_kernel.OnlineMask.Contains(submitter.Id)) return false;
        return RqAffinity == 2 || !_kernel.Selection.SharesCache(cpu, submitter);
    }

    /// <summary>blk_mq_end_request: the task that waits for it wakes.</summary>
    internal void Finish(BlockRequest request, Cpu cpu)
    {
        Completed++;
        cpu.Spend(_kernel.Costs.BlockComplete);
        cpu.Spend(request.Waiter.Cpu == cpu ? _kernel.Costs.WakeLocal : _kernel.Costs.WakeRemote);
        request.IsDone = true;
        _kernel.Wake(request.Waiter, cpu, cpu.LocalPs);
    }

    /// <summary>queue/rq_affinity as it is written (block/blk-sysfs.c queue_rq_affinity_store): 2, any other number, or 0; no number is EINVAL.</summary>
    internal Errno SetRqAffinity(string text)
    {
        if (!ulong.TryParse(text.Trim(), out ulong value)) return Errno.EINVAL;
        RqAffinity = value switch { 0 => 0, 2 => 2, _ => 1 };
        return Errno.None;
    }
}

/// <summary>A request of one task, used again and again: the event is the device's completion.</summary>
internal sealed class BlockRequest(KernelTask waiter) : SimEvent
{
    public KernelTask Waiter { get; } = waiter;
    public BlockDevice Device { get; set; } = null!;
    public Cpu Submitter { get; set; } = null!;
    public int Queue { get; set; }
    public bool IsDone { get; set; }

    protected override void Fire(long nowPs) => Device.Posted(this, nowPs);
}
