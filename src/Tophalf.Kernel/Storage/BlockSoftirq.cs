using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Storage;

/// <summary>blk_cpu_done: requests that are finished in the BLOCK softirq of a processor (block/blk-mq.c).</summary>
internal sealed class BlockSoftirq
{
    private readonly Kernel _kernel;
    private readonly Queue<BlockRequest>[] _done;

    public BlockSoftirq(Kernel kernel)
    {
        _kernel = kernel;
        _done = [.. kernel.Cpus.Select(_ => new Queue<BlockRequest>())];
        foreach (Cpu cpu in kernel.Cpus) cpu.Softirqs.Open(SoftirqVector.BLOCK, new Action(_done[cpu.Id]));
    }

    /// <summary>blk_mq_raise_softirq.</summary>
    public void Raise(BlockRequest request, Cpu cpu)
    {
        _done[cpu.Id].Enqueue(request);
        if (_done[cpu.Id].Count > 1) return;
        cpu.Spend(_kernel.Costs.SoftirqRaise);
        cpu.Softirqs.Raise(SoftirqVector.BLOCK, cpu.LocalPs);
    }

    /// <summary>blk_mq_complete_send_ipi: on the processor of the submitter; one call takes all that wait for it.</summary>
    public void Send(BlockRequest request, Cpu from)
    {
        int id = request.Submitter.Id;
        _done[id].Enqueue(request);
        if (_done[id].Count == 1) _kernel.SmpCalls.Queue(request.Submitter, from, from.LocalPs);
    }

    /// <summary>__blk_mq_complete_request_remote: called there.</summary>
    public void FunctionCalled(Cpu cpu)
    {
        if (_done[cpu.Id].Count == 0) return;
        cpu.Spend(_kernel.Costs.SoftirqRaise);
        cpu.Softirqs.Raise(SoftirqVector.BLOCK, cpu.LocalPs);
    }

    /// <summary>blk_softirq_cpu_dead: what waits on a processor that is gone is finished here.</summary>
    public void TakeOver(Cpu heir, Cpu dead, long nowPs)
    {
        if (_done[dead.Id].Count == 0) return;
        while (_done[dead.Id].TryDequeue(out BlockRequest? request)) _done[heir.Id].Enqueue(request);
        heir.Softirqs.Raise(SoftirqVector.BLOCK, nowPs);
    }

    /// <summary>blk_done_softirq, a request a step.</summary>
    private sealed class Action(Queue<BlockRequest> done) : SoftirqAction
    {
        public override void Begin(Cpu cpu)
        {
        }

        public override bool Step(Cpu cpu)
        {
            if (!done.TryDequeue(out BlockRequest? request)) return false;
            request.Device.Finish(request, cpu);
            return true;
        }
    }
}
