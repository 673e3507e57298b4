using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Rcu;

/// <summary>rcuc/N: the work of the RCU softirq, where that is not used (kernel/rcu/tree.c, rcu_cpu_kthread).</summary>
internal sealed class RcuCoreThread : CodeTask
{
    private readonly RcuCore _core;
    private readonly RcuData _data;
    private bool _isAsked, _isAtWork;

    public RcuCoreThread(RcuCore core, RcuData data, int priority) : base($"rcuc/{data.Cpu.Id}", CpuMask.Of(data.Cpu.Id))
    {
        _core = core;
        _data = data;
        IsPerCpuThread = true;
        if (priority == 0) return;
        Policy = SchedulingPolicy.Fifo;
        RtPriority = priority;
    }

    /// <summary>invoke_rcu_core_kthread, on its processor.</summary>
    public void Request()
    {
        _isAsked = true;
        WakeIfAsked();
    }

    public void WakeIfAsked()
    {
        if (_isAsked) _data.Cpu.Wake(this);
    }

    protected override bool Next(Cpu cpu)
    {
        if (!_isAtWork)
        {
            if (!_isAsked || !cpu.TryLocalBhDisable(this)) return false;
            _isAsked = false;
            _isAtWork = true;
            _core.Begin(cpu);
        }
        if (_core.Step(cpu)) return true;
        _isAtWork = false;
        cpu.LocalBhEnable();
        return true;
    }
}

/// <summary>rcuop/N: calls the callbacks of a processor that is relieved of them (kernel/rcu/tree_nocb.h, rcu_nocb_cb_kthread). One of a processor that is not stays parked.</summary>
internal sealed class RcuCallbackThread : CodeTask
{
    private readonly Kernel _kernel;
    private readonly RcuData _data;
    private readonly Queue<RcuHead> _batch = new();

    public RcuCallbackThread(Kernel kernel, RcuState rcu, RcuData data) : base($"rcuop/{data.Cpu.Id}", rcu.Housekeeping)
    {
        _kernel = kernel;
        _data = data;
        if (rcu.Parameters.ThreadPriority == 0) return;
        Policy = SchedulingPolicy.Fifo;
        RtPriority = rcu.Parameters.ThreadPriority;
    }

    protected override bool Next(Cpu cpu)
    {
        if (_batch.Count == 0)
        {
            if (_data.Callbacks.Ready == 0) return false;
            _kernel.Rcu.Take(_data, _batch);
        }
        if (!cpu.TryLocalBhDisable(this)) return false;
        _kernel.Rcu.Invoke(_batch.Dequeue());
        cpu.LocalBhEnable();
        return true;
    }
}

/// <summary>rcuog/N: sees to grace periods for the callbacks of a group of relieved processors, and wakes their threads (rcu_nocb_gp_kthread).</summary>
internal sealed class RcuGroupThread : CodeTask
{
    private readonly Kernel _kernel;
    private readonly RcuState _rcu;
    private readonly List<RcuData> _members = [];
    private bool _isAsked;

    public RcuGroupThread(Kernel kernel, RcuState rcu, int leader) : base($"rcuog/{leader}", rcu.Housekeeping)
    {
        _kernel = kernel;
        _rcu = rcu;
        if (rcu.Parameters.ThreadPriority == 0) return;
        Policy = SchedulingPolicy.Fifo;
        RtPriority = rcu.Parameters.ThreadPriority;
    }

    public void Add(RcuData data) => _members.Add(data);

    /// <summary>wake_nocb_gp: callbacks have come where there were none, or a grace period is over.</summary>
    public void Request()
    {
        _isAsked = true;
        _kernel.Wake(this, _kernel.ThisCpu, _kernel.LocalNowPs);
    }

    protected override bool Next(Cpu cpu)
    {
        if (!_isAsked) return false;
        _isAsked = false;
        cpu.Spend(_kernel.Costs.RcuCore);
        foreach (RcuData data in _members)
        {
            data.Callbacks.Advance(_rcu.Sequence);
            _rcu.Accelerate(data);
            if (data.Callbacks.Ready > 0) cpu.Wake(data.CallbackThread!);
        }
        return true;
    }
}
