using Tophalf.Hardware.Processors;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Entry;
using Tophalf.Kernel.Scheduling;
using Tophalf.Kernel.Tracing;
using Tophalf.Simulation;

namespace Tophalf.Kernel;

/// <summary>How a task becomes runnable, on the processor of whoever woke it or on another (kernel/sched/core.c).</summary>
public sealed partial class Kernel
{
    /// <summary>Tasks that each processor is to put into its queue itself.</summary>
    private readonly List<KernelTask>[] _wakeLists;

    /// <summary>Tasks whose waker, ahead of the clock, has chosen that processor for them.</summary>
    private readonly int[] _coming;

    /// <summary>
    /// try_to_wake_up, from code running on <paramref name="from"/>. On the same processor the task is runnable at once; on another when the clock has come to where the
    /// waker is.
    /// </summary>
    /// <param name="task">A task that sleeps; others are left as they are.</param>
    /// <param name="from">The processor whose code wakes it.</param>
    /// <param name="nowPs">That code's clock.</param>
    /// <param name="isSync">wake_up_interruptible_sync: so do sockets.</param>
    public void Wake(KernelTask task, Cpu from, long nowPs, bool isSync = false)
    {
        if (!task.IsSleeping || task.IsWaking || task.BlockedOn is { Owner: not null }) return;
        WakeUpsBegun++;
        TryToWakeUp(task, from, nowPs, isSync);
    }

    /// <summary>Wake-ups of tasks that slept and were not being woken; and those whose task was parked with its processor before they got there.</summary>
    public long WakeUpsBegun { get; private set; }
    public long WakeUpsParked { get; private set; }

    private void TryToWakeUp(KernelTask task, Cpu from, long nowPs, bool isSync)
    {
        if (from.IsInTaskCode && nowPs > Events.NowPs)
        {
            WakeThen(task, from, nowPs, isSync);
            return;
        }
        task.WokenPs = nowPs;
        SchedulerTrace.Wakeup(this, Tracer.Events.SchedWaking, task, from, task.Cpu, nowPs);
        Cpu target = Selection.Select(task, from, isSync);
        if (Trace is { } trace && trace.Wants(from.Id)) trace.Add(nowPs, $"CPU {from.Id}", $"wakes {task.Comm} on CPU {target.Id}", target == from ? Costs.WakeLocal : Costs.WakeRemote);
        if (HasSchedStats) target.Runqueue.Statistics.Wakeups++;
        if (target == from)
        {
            if (HasSchedStats) target.Runqueue.Statistics.LocalWakeups++;
            target.Runqueue.Enqueue(task);
            target.CheckPreempt(task, nowPs);
            SchedulerTrace.Wakeup(this, Tracer.Events.SchedWakeup, task, from, target, nowPs);
            return;
        }
        WakeOn(target, task, from, nowPs);
    }

    /// <summary>A real-time task that was displaced goes where it goes before what runs (push_rt_task).</summary>
    internal void Push(KernelTask task, Cpu from, Cpu target, long nowPs)
    {
        from.Runqueue.Detach(task);
        task.Migrations++;
        target.EnqueueFrom(from, task, wakes: false, nowPs);
    }

    private void WakeOn(Cpu target, KernelTask task, Cpu from, long nowPs)
    {
        task.IsWaking = true;
        _coming[target.Id]++;
        if (nowPs == Events.NowPs) QueueOn(target, task, from, nowPs);
        else Events.Schedule(task.RemoteWake(this).Take(target, from), nowPs);
    }

    /// <summary>
    /// ttwu_queue: the task is put into the other processor's queue from here, and that interrupted only if the task is to preempt what runs there; or it goes on its
    /// wake list, and the other does the work itself.
    /// </summary>
    internal void QueueOn(Cpu target, KernelTask task, Cpu from, long nowPs)
    {
        _coming[target.Id]--;
        if (!OnlineMask.Contains(target.Id) && task.IsPerCpuThread)
        {
            WakeUpsParked++;
            task.IsWaking = false; // parked; whoever brings the processor back looks what there is to do
            return;
        }
        if (!ActiveMask.Contains(target.Id) && !task.IsPerCpuThread) target = Selection.Fallback(task);
        if (GoesOnWakeList(task, from, target))
        {
            _wakeLists[target.Id].Add(task);
            SmpCalls.Queue(target, from, nowPs, isFollowed: !task.IsKsoftirqd);
            return;
        }
        if (target == from)
        {
            target.Runqueue.Enqueue(task);
            target.CheckPreempt(task, nowPs);
        }
        else target.EnqueueFrom(from, task, wakes: true, nowPs);
        SchedulerTrace.Wakeup(this, Tracer.Events.SchedWakeup, task, from, target, nowPs);
    }

    /// <summary>
    /// ttwu_queue_cond: the queue of a processor without a common cache is not touched from here, nor that of an idle one, which has nothing better to do. The stop class
    /// always is, and so is the queue in which a task that owes still stands (ttwu_runnable).
    /// </summary>
    private bool GoesOnWakeList(KernelTask task, Cpu from, Cpu target)
    {
        if (task is StopperTask || task.Cpu == target && task.Policy.IsFair() && task.Fair.IsDelayed || !ActiveMask.Contains(target.Id)) return false;
        if (!Selection.SharesCache(from, target)) return true;
        return target != from && target.Runqueue.IsEmpty;
    }

    /// <summary>The moment at which a waker that ran ahead of the clock hands its task to another processor. A task has one such wake-up at a time.</summary>
    internal sealed class RemoteWakeEvent(Kernel kernel, KernelTask task) : SimEvent
    {
        private Cpu _target = null!, _from = null!;

        public RemoteWakeEvent Take(Cpu target, Cpu from)
        {
            (_target, _from) = (target, from);
            return this;
        }

        protected override void Fire(long nowPs)
        {
            kernel.QueueOn(_target, task, _from, nowPs);
            _from.PayNow(nowPs);
        }
    }

    /// <summary>Code of a task runs ahead of the clock, and the woken task could preempt it on the way: it wakes when that moment has come.</summary>
    private void WakeThen(KernelTask task, Cpu from, long thenPs, bool isSync)
    {
        task.IsWaking = true;
        Events.Schedule(new CallbackEvent(nowPs =>
        {
            task.IsWaking = false;
            TryToWakeUp(task, from, nowPs, isSync);
            from.PayNow(nowPs);
        }), thenPs);
    }

    /// <summary>smp_send_reschedule.</summary>
    public void SendReschedule(Cpu from, Cpu to, long nowPs) => from.Apic.SendFixed(KernelEntry.RescheduleVector, to.Apic.Id, nowPs);

    /// <summary>The end of resched_curr and wake_up_idle_cpu: a processor that watches its flags while it idles sees the one that was set; others are interrupted.</summary>
    internal void TellReschedule(Cpu from, Cpu to, long nowPs)
    {
        if (to.WatchesFlags) to.WakeByFlag(nowPs);
        else SendReschedule(from, to, ChargeIpi(from, nowPs));
    }

    /// <summary>The write that sends an interrupt, by whatever runs on the processor. Returns when it is through.</summary>
    internal long ChargeIpi(Cpu from, long nowPs)
    {
        if (from == CurrentCpu) from.Spend(Costs.IpiSend);
        else if (from.TryResumeHardirq())
        {
            from.Spend(Costs.IpiSend);
            from.EndResumedHardirq();
        }
        else return nowPs + from.Owe(Costs.IpiSend);
        return nowPs + Costs.IpiSend;
    }

    /// <summary>smp_call_function_single with a function of no length; a TLB flush is one that is counted in the TLB row too.</summary>
    public void CallFunction(Cpu from, Cpu to, bool flushesTlb, long nowPs)
    {
        if (flushesTlb) to.PendingTlbFlushes++;
        from.Apic.SendFixed(KernelEntry.CallFunctionSingleVector, to.Apic.Id, nowPs);
    }

    /// <summary>irq_work_queue: an interrupt of the processor to itself.</summary>
    public void QueueIrqWork(Cpu cpu, long nowPs) => cpu.Apic.SendFixed(KernelEntry.IrqWorkVector, cpu.Apic.Id, nowPs);

    /// <summary>sched_ttwu_pending: in the function call interrupt.</summary>
    internal void FinishRemoteWakes(Cpu cpu)
    {
        List<KernelTask> list = _wakeLists[cpu.Id];
        foreach (KernelTask task in list)
        {
            cpu.Spend(Costs.WakeLocal);
            cpu.Runqueue.Enqueue(task);
            cpu.CheckPreempt(task, cpu.LocalPs);
            SchedulerTrace.Wakeup(this, Tracer.Events.SchedWakeup, task, cpu, cpu, cpu.LocalPs);
        }
        list.Clear();
    }

    /// <summary>Tasks are on their way to this processor.</summary>
    internal bool IsExpected(Cpu cpu) => _wakeLists[cpu.Id].Count + _coming[cpu.Id] > 0;

    /// <summary>sched_ttwu_pending without an interrupt, by a processor that found the flag: the next task to run there pays for it.</summary>
    internal void TakeWakeList(Cpu cpu, long nowPs)
    {
        List<KernelTask> list = _wakeLists[cpu.Id];
        foreach (KernelTask task in list)
        {
            cpu.Runqueue.Enqueue(task);
            task.AddOverhead(Costs.WakeLocal);
            cpu.CheckPreempt(task, nowPs);
        }
        list.Clear();
    }
}
