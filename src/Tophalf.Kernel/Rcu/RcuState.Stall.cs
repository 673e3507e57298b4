using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Rcu;

/// <summary>A grace period that does not end is reported by whoever has a tick (kernel/rcu/tree_stall.h).</summary>
public sealed partial class RcuState
{
    /// <summary>RCU_STALL_RAT_DELAY: so much longer others wait for the processor itself to tell.</summary>
    private const long OthersWaitJiffies = 2;

    private long _startJiffies, _nextStallJiffies;

    private long StallJiffies => (long)Parameters.StallSeconds * _kernel.Hz;

    private void CheckStall(Cpu cpu)
    {
        long nowJiffies = _kernel.JiffiesNow;
        if (nowJiffies < _nextStallJiffies) return;
        bool isSelf = _waitingFor.Contains(cpu.Id);
        if (!isSelf && nowJiffies < _nextStallJiffies + OthersWaitJiffies) return;
        _nextStallJiffies = nowJiffies + 3 * StallJiffies + 3;
        long atPs = cpu.LocalPs, callbacks = Waiting;
        _kernel.Log(atPs, isSelf ? $"rcu: INFO: {GracePeriodThreadName} self-detected stall on CPU" : $"rcu: INFO: {GracePeriodThreadName} detected stalls on CPUs/tasks:");
        foreach (int id in _waitingFor)
        {
            if (!isSelf || id == cpu.Id) _kernel.Log(atPs, Describe(_data[id]));
        }
        foreach (KernelTask task in _blockedReaders)
        {
            if (!isSelf && task.BlocksGracePeriods <= Sequence) _kernel.Log(atPs, $"rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-{_kernel.CpuCount - 1}): P{task.Pid}");
        }
        long waited = nowJiffies - _startJiffies;
        _kernel.Log(atPs, isSelf
            ? $"rcu: \t(t={waited} jiffies g={ShownSequence} q={callbacks} ncpus={_kernel.OnlineMask.Count})"
            : $"rcu: \t(detected by {cpu.Id}, t={waited} jiffies, g={ShownSequence}, q={callbacks} ncpus={_kernel.OnlineMask.Count})");
        // rcu_dump_cpu_stacks
        if (isSelf) Context.CallTrace.ShowRegisters(_kernel, cpu);
        else if (!_waitingFor.IsEmpty) _kernel.Backtraces.Trigger(_waitingFor);
    }

    private string GracePeriodThreadName => _thread.Comm;

    /// <summary>gp_seq as it is printed: two bits of state below the number, which began at -300 (rcu_seq_ctr, RCU_SEQ_CTR_SHIFT).</summary>
    private long ShownSequence => (GracePeriods - 300 << 2) + (IsInProgress ? 1 : 0);

    /// <summary>print_cpu_stall_info: online or not, then ticks of the processor in this grace period, its idle state, its RCU softirqs, and the looks of the thread.</summary>
    private string Describe(RcuData data)
    {
        Cpu cpu = data.Cpu;
        bool hasHeard = data.Sequence == Sequence;
        long ticks = hasHeard ? data.TicksThisPeriod : Sequence - data.Sequence >> 1;
        return $"rcu: \t{cpu.Id}-...{(hasHeard ? '.' : '!')}: ({ticks} {(hasHeard ? "ticks this GP" : "GPs behind")}) idle={cpu.TimesOutsideRcu * 8 + (cpu.IsOutsideRcu ? 0 : 4) & 0xffff:x4}/{(cpu.IsOutsideRcu ? 0 : 1)}/0x{(cpu.IsOutsideRcu ? 0 : 0x4000000000000000):x}"
            + $" softirq={data.SoftirqsAtStart}/{cpu.Softirqs[SoftirqVector.RCU]} fqs={Looks}";
    }
}
