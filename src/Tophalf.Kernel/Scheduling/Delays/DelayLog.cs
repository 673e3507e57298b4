using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling.Delays;

/// <summary>
/// Every wake-up and every interrupt is measured; the worst ten of each are explained at once, while the processor's timeline still knows.
/// </summary>
public sealed class DelayLog
{
    private const int Kept = 10;

    private readonly List<Delay> _wakeups = [], _interrupts = [];
    private long _wakeupBarPs = -1, _interruptBarPs = -1;

    /// <summary>The worst, worst first; of equals the earlier.</summary>
    public IReadOnlyList<Delay> Wakeups => _wakeups;
    public IReadOnlyList<Delay> Interrupts => _interrupts;

    /// <summary>From waking a task to its first instruction.</summary>
    public Histogram WakeupPs { get; } = new();

    /// <summary>From an interrupt's request at the local APIC to the kernel's entry code.</summary>
    public Histogram InterruptPs { get; } = new();

    internal void Wakeup(KernelTask task, Cpu cpu, long wokenPs, long nowPs)
    {
        long totalPs = nowPs - wokenPs;
        WakeupPs.Record(totalPs);
        if (totalPs <= _wakeupBarPs) return;
        var sum = new DelaySum();
        cpu.Timeline.SumUp(wokenPs, nowPs, sum);
        _wakeupBarPs = Keep(_wakeups, new Delay(true, task.Comm, cpu.Id, wokenPs, totalPs, sum.Parts()));
    }

    /// <param name="who">The line, or the name of a system vector.</param>
    /// <param name="cpu">The processor that takes it.</param>
    /// <param name="requestedPs">When the local APIC had it.</param>
    /// <param name="startPs">When the processor, out of its idle state, began with it.</param>
    /// <param name="entryPs">When the kernel's entry code was through.</param>
    internal void Interrupt(object who, Cpu cpu, long requestedPs, long startPs, long entryPs)
    {
        long totalPs = entryPs - requestedPs;
        InterruptPs.Record(totalPs);
        if (totalPs <= _interruptBarPs) return;
        var sum = new DelaySum();
        cpu.Timeline.SumUp(requestedPs, startPs, sum);
        sum.Add(Occupation.Delivery, null, entryPs - startPs);
        _interruptBarPs = Keep(_interrupts, new Delay(false, DelaySum.NameOf(who), cpu.Id, requestedPs, totalPs, sum.Parts()));
    }

    /// <summary>Puts it in its place; returns what a later one must exceed to be kept.</summary>
    private static long Keep(List<Delay> worst, Delay delay)
    {
        int at = worst.FindIndex(other => other.TotalPs < delay.TotalPs);
        worst.Insert(at < 0 ? worst.Count : at, delay);
        if (worst.Count > Kept) worst.RemoveAt(Kept);
        return worst.Count == Kept ? worst[^1].TotalPs : -1;
    }
}
