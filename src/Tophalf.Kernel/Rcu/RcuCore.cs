using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Rcu;

/// <summary>
/// rcu_core of one processor, in its RCU softirq or in rcuc/N: news of grace periods, then a batch of callbacks (rcu_do_batch). In a softirq a batch ends at its limit, or at a
/// 128th of what is ready, if anybody else wants the processor.
/// </summary>
internal sealed class RcuCore(Kernel kernel, RcuState rcu, RcuData data) : SoftirqAction
{
    private const int Divisor = 7; // rcu_divisor

    private readonly Queue<RcuHead> _batch = new();
    private bool _isBegun;
    private int _called, _limit;

    public override void Begin(Cpu cpu) => _isBegun = false;

    public override bool Step(Cpu cpu)
    {
        if (!_isBegun)
        {
            _isBegun = true;
            cpu.Spend(kernel.Costs.RcuCore);
            rcu.Core(data);
            _called = 0;
            _limit = Math.Max(data.BatchLimit, data.Callbacks.Ready >> Divisor);
            if (!data.IsOffloaded) rcu.Take(data, _batch);
            return true;
        }
        bool isFull = _called >= _limit && cpu.InServingSoftirq && (cpu.IsAskedToReschedule || !cpu.RunsIdleTask);
        if (!isFull && _batch.TryDequeue(out RcuHead? head))
        {
            _called++;
            rcu.Invoke(head);
            return true;
        }
        rcu.EndBatch(data, _batch);
        return false;
    }
}
