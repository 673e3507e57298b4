using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>
/// A point at which code that may sleep does so. Such code is a method with <c>yield return</c> at every sleep; what stands between two of them runs in
/// one go, as a handler does, and its time passes before the sleep begins.
/// </summary>
public sealed class Sleep
{
    private readonly Func<Kernel, Action, bool> _begin;

    private Sleep(Func<Kernel, Action, bool> begin) => _begin = begin;

    /// <summary>Begins the sleep; false when there is nothing to wait for. <paramref name="over"/> is called at its end.</summary>
    internal bool Begin(Kernel kernel, Action over) => _begin(kernel, over);

    /// <summary>msleep: at least so long, by a timer of the wheel (kernel/time/sleep_timeout.c).</summary>
    public static Sleep Msleep(long ms) => ScheduleTimeout(kernel => kernel.MsecsToJiffies(ms));

    /// <summary>schedule_timeout_uninterruptible.</summary>
    public static Sleep ScheduleTimeout(long jiffies) => ScheduleTimeout(_ => jiffies);

    private static Sleep ScheduleTimeout(Func<Kernel, long> jiffies) => new((kernel, over) =>
    {
        kernel.Timers.ModTimer(new TimerList(_ => over()), kernel.JiffiesNow + jiffies(kernel));
        return true;
    });

    /// <summary>usleep_range: by a high-resolution timer.</summary>
    public static Sleep Usleep(long us) => new((kernel, over) =>
    {
        Cpu cpu = kernel.ThisCpu;
        kernel.Spend(kernel.Costs.HrTimer);
        cpu.Tick.Start(new HrTimer(_ => over(), HrTimer.ModeOfSleeper(cpu.Runqueue.Current)), kernel.LocalNowPs + us * SimTime.Microsecond, kernel.LocalNowPs);
        return true;
    });

    /// <summary>cond_resched: no sleep, but interrupts come through and a task that should run does.</summary>
    public static Sleep CondResched { get; } = Until(_ => false);

    /// <summary>A function that sleeps, and calls its argument when it is through.</summary>
    public static Sleep During(Action<Action> function) => Until(over =>
    {
        bool isThrough = false;
        function(() =>
        {
            isThrough = true;
            over();
        });
        return !isThrough;
    });

    /// <summary>wait_event: <paramref name="begin"/> says whether there is something to wait for, and sees to it that its argument is called at the end.</summary>
    public static Sleep Until(Func<Action, bool> begin) => new((_, over) => begin(over));
}
