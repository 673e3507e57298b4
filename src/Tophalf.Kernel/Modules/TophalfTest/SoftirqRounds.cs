using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Modules.TophalfTest;

/// <summary>A tasklet that schedules itself again, and counts how often it ran before ksoftirqd took over.</summary>
internal sealed class SoftirqRounds(Kernel kernel, TestLog log)
{
    private const int SettleMs = 40;

    private long _left, _before;
    private bool _isTakenOver;

    public IEnumerable<Sleep> Run(string from, long count)
    {
        (_left, _before, _isTakenOver) = (count, 0, false);
        var tasklet = new Tasklet(Round);
        Cpu cpu = kernel.CurrentCpu!;
        switch (from)
        {
            case "interrupt":
                cpu.Tick.Start(new HrTimer(_ => kernel.Tasklets.Schedule(tasklet), HrTimerMode.Hard), kernel.LocalNowPs + 3 * SimTime.Millisecond, kernel.LocalNowPs);
                break;
            case "bh":
                cpu.LocalBhDisable();
                kernel.Tasklets.Schedule(tasklet);
                cpu.LocalBhEnable();
                break;
            default:
                kernel.Tasklets.Schedule(tasklet);
                break;
        }
        yield return Sleep.Msleep(SettleMs);
        log.Note($"rounds {from}: {_before} of {count} before ksoftirqd, {_left} left");
    }

    private void Round(Tasklet tasklet)
    {
        _isTakenOver |= kernel.CurrentCpu!.Runqueue.Current is KsoftirqdTask;
        if (!_isTakenOver) _before++;
        if (--_left > 0) kernel.Tasklets.Schedule(tasklet);
    }
}
