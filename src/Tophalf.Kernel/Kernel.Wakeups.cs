using Tophalf.Hardware.Processors;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Entry;
using Tophalf.Kernel.Scheduling;
using Tophalf.Kernel.Tracing;
using Tophalf.Simulation;

namespace Tophalf.Kernel;

/// <summary>How a task becomes runnable, on the processor of whoever woke it or, with an interrupt, on another (kernel/sched/core.c).</summary>
public sealed partial class Kernel
{
    /// <summary>Tasks on their way to each processor.</summary>
    private readonly List<KernelTask>[] _wakeLists;

    /// <summary>
    /// try_to_wake_up, from code running on <paramref name="from"/>. On the same processor the task is runnable at once; elsewhere it is put on
    /// that processor's wake list and a reschedule IPI sent (ttwu_queue_wakelist).
    /// </summary>
    public void Wake(KernelTask task, Cpu from, long nowPs)
    {
        if (!task.IsSleeping || task.IsWaking || task.BlockedOn is { Owner: not null }) return;
        if (from.IsInTaskCode && nowPs > Events.NowPs)
        {
            WakeThen(task, from, nowPs);
            return;
        }
        task.WokenPs = nowPs;
        SchedulerTrace.Wakeup(this, Tracer.Events.SchedWaking, task, from, task.Cpu, nowPs);
        Cpu target = Selection.Select(task, from);
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
        Send(task, from, target, nowPs);
    }

    /// <summary>A real-time task that was displaced goes where it goes before what runs (push_rt_task).</summary>
    internal void Push(KernelTask task, Cpu from, Cpu target, long nowPs)
    {
        from.Runqueue.Detach(task);
        task.Migrations++;
        Send(task, from, target, nowPs);
    }

    /// <summary>The task is to be runnable on another processor, which hears of it by an interrupt, or finds a flag if it looks.</summary>
    private void Send(KernelTask task, Cpu from, Cpu target, long nowPs)
    {
        task.IsWaking = true;
        List<KernelTask> list = _wakeLists[target.Id];
        list.Add(task);
        if (list.Count > 1) return; // the IPI is already under way
        if (target.IsIdle && target.Idle.WatchesNeedResched)
        {
            target.WakeByFlag(nowPs);
            return;
        }
        if (from.InHardirq) from.Spend(Costs.IpiSend);
        if (Trace is { } follow && follow.Wants(from.Id) && !task.IsKsoftirqd)
        {
            follow.Address(target.Id, KernelEntry.RescheduleVector);
            follow.Add(nowPs, $"local APIC {from.Id}", $"IPI 0x{KernelEntry.RescheduleVector:x2} to APIC id {target.Apic.Id}", Costs.IpiSend);
        }
        from.Apic.SendFixed(KernelEntry.RescheduleVector, target.Apic.Id, nowPs);
    }

    /// <summary>Code of a task runs ahead of the clock, and the woken task could preempt it on the way: it wakes when that moment has come.</summary>
    private void WakeThen(KernelTask task, Cpu from, long thenPs)
    {
        task.IsWaking = true;
        Events.Schedule(new CallbackEvent(nowPs =>
        {
            task.IsWaking = false;
            Wake(task, from, nowPs);
        }), thenPs);
    }

    /// <summary>smp_send_reschedule.</summary>
    public void SendReschedule(Cpu from, Cpu to, long nowPs) => from.Apic.SendFixed(KernelEntry.RescheduleVector, to.Apic.Id, nowPs);

    /// <summary>smp_call_function_single with a function of no length; a TLB flush is one that is counted in the TLB row too.</summary>
    public void CallFunction(Cpu from, Cpu to, bool flushesTlb, long nowPs)
    {
        if (flushesTlb) to.PendingTlbFlushes++;
        from.Apic.SendFixed(KernelEntry.CallFunctionSingleVector, to.Apic.Id, nowPs);
    }

    /// <summary>irq_work_queue: an interrupt of the processor to itself.</summary>
    public void QueueIrqWork(Cpu cpu, long nowPs) => cpu.Apic.SendFixed(KernelEntry.IrqWorkVector, cpu.Apic.Id, nowPs);

    /// <summary>sched_ttwu_pending: in the reschedule interrupt.</summary>
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
    internal bool IsExpected(Cpu cpu) => _wakeLists[cpu.Id].Count > 0;

    /// <summary>The same without an interrupt, by a processor that found the flag: the next task to run there pays for it.</summary>
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
