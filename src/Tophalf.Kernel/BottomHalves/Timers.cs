using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>
/// Timers counted in jiffies, run from the TIMER softirq of the processor that armed them. A processor that idles with a timer waiting
/// is woken for it by its clock event device.
/// </summary>
public sealed class Timers(Kernel kernel)
{
    private readonly List<(Cpu Cpu, long ExpiresJiffies, Action Callback)> _waiting = [];

    /// <summary>mod_timer: <paramref name="callback"/> runs in softirq context at the first tick at or after <paramref name="expiresJiffies"/>.</summary>
    public void Add(Cpu cpu, long expiresJiffies, Action callback, long nowPs)
    {
        _waiting.Add((cpu, expiresJiffies, callback));
        // The tick of a busy processor finds it; an idle one has no tick, so its device is programmed for the expiry.
        cpu.Tick.Start(new HrTimer(RaiseIfDue), Math.Max(kernel.JiffyPs(expiresJiffies), nowPs), kernel.Events.NowPs);
    }

    internal void RaiseIfDue(Cpu cpu)
    {
        long jiffies = kernel.Jiffies(cpu.LocalPs);
        foreach (var timer in _waiting)
        {
            if (timer.Cpu != cpu || timer.ExpiresJiffies > jiffies) continue;
            cpu.Spend(kernel.Costs.SoftirqRaise);
            cpu.Softirqs.Raise(SoftirqVector.TIMER, cpu.LocalPs);
            return;
        }
    }

    /// <summary>run_timer_softirq.</summary>
    internal void Run(Cpu cpu)
    {
        long jiffies = kernel.Jiffies(kernel.Events.NowPs);
        for (int i = 0; i < _waiting.Count; i++)
        {
            (Cpu on, long expires, Action callback) = _waiting[i];
            if (on != cpu || expires > jiffies) continue;
            _waiting.RemoveAt(i--);
            callback();
        }
    }
}
