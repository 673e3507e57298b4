using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Rcu;

/// <summary>rcu_preempt: begins grace periods when callbacks need them, looks who idles, and ends them (kernel/rcu/tree.c, rcu_gp_kthread).</summary>
internal sealed class GracePeriodThread : CodeTask
{
    private readonly Kernel _kernel;
    private readonly RcuState _rcu;
    private readonly TimerList _timer;
    private bool _looks, _hasLooked;

    public GracePeriodThread(Kernel kernel, RcuState rcu) : base("rcu_preempt", rcu.Housekeeping)
    {
        _kernel = kernel;
        _rcu = rcu;
        _timer = new TimerList(_ => LookNow());
        if (rcu.Parameters.ThreadPriority == 0) return;
        Policy = SchedulingPolicy.Fifo;
        RtPriority = rcu.Parameters.ThreadPriority;
    }

    /// <summary>rcu_gp_kthread_wake: something is to begin or to end.</summary>
    public void Wake() => _kernel.Wake(this, _kernel.ThisCpu, _kernel.LocalNowPs);

    /// <summary>rcu_force_quiescent_state, and the end of the wait for it.</summary>
    public void LookNow()
    {
        _looks = true;
        Wake();
    }

    protected override bool Next(Cpu cpu)
    {
        if (!_rcu.IsInProgress)
        {
            if (!_rcu.IsNeeded) return false;
            cpu.Spend(_kernel.Costs.RcuGracePeriod);
            _rcu.Begin(cpu);
            _hasLooked = false;
            LookIn(_rcu.Parameters.JiffiesTillFirstLook);
        }
        else if (_rcu.IsThrough)
        {
            _kernel.Timers.DelTimer(_timer);
            cpu.Spend(_kernel.Costs.RcuGracePeriod);
            _rcu.End(cpu);
        }
        else if (_looks)
        {
            cpu.Spend(_kernel.Costs.RcuCore);
            _rcu.Look(isFirst: !_hasLooked);
            _hasLooked = true;
            LookIn(_rcu.Parameters.JiffiesTillNextLook);
        }
        else return false;
        return true;
    }

    private void LookIn(long jiffies)
    {
        _looks = false;
        _kernel.Timers.ModTimer(_timer, _kernel.JiffiesNow + jiffies);
    }
}
