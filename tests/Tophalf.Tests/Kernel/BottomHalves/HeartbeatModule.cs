using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Modules;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Tests.Kernel.BottomHalves;

/// <summary>The module that docs/bottom-halves.md shows: timer_setup() and mod_timer(), every second.</summary>
internal sealed class HeartbeatModule : LoadableModule
{
    private Tophalf.Kernel.Kernel _kernel = null!;
    private TimerList _timer = null!;
    private int _beats;

    public override string Name => "heartbeat";

    public override Errno Init(Tophalf.Kernel.Kernel kernel)
    {
        _kernel = kernel;
        _timer = new TimerList(Beat);
        kernel.Timers.ModTimer(_timer, kernel.JiffiesNow + kernel.Hz);
        return Errno.None;
    }

    private void Beat(TimerList timer)
    {
        Cpu cpu = _kernel.CurrentCpu!;
        _kernel.Log(cpu.LocalPs, $"heartbeat: {++_beats}, in softirq: {cpu.InSoftirq}");
        _kernel.Timers.ModTimer(timer, _kernel.JiffiesNow + _kernel.Hz);
    }

    public override IEnumerable<Sleep> Exit()
    {
        yield return Sleep.During(through => _kernel.Timers.DelTimerSync(_timer, through));
    }
}
