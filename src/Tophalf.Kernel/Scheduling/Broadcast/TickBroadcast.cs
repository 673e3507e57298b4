using Tophalf.Kernel.Irq;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling.Broadcast;

/// <summary>
/// Timers of processors whose local APIC timer stops while they sleep deeper than C1 (kernel/time/tick-broadcast.c). Before such a sleep a processor hands its next timer to a
/// device of the board; whoever gets that device's interrupt, line 0, sends the local timer interrupt to all whose moment has come. One shot after another, as with
/// high-resolution timers; the periodic form ends while a kernel boots.
/// </summary>
public sealed class TickBroadcast
{
    private readonly Kernel _kernel;
    private readonly CallbackEvent _program;
    private ClockEventDevice? _device;
    private long _nextEventPs = SimTime.Never;

    internal TickBroadcast(Kernel kernel)
    {
        _kernel = kernel;
        _program = new CallbackEvent(ProgramDevice);
    }

    /// <summary>tick_broadcast_oneshot_mask: processors that the device is to wake.</summary>
    public CpuMask Sleeping { get; private set; }

    /// <summary>tick_broadcast_pending_mask: processors to which their interrupt is on its way; they need not program their own timer.</summary>
    public CpuMask Pending { get; private set; }

    /// <summary>tick_broadcast_force_mask: processors that came back by themselves too late to program their own timer; the next interrupt of the device serves them.</summary>
    public CpuMask Forced { get; private set; }

    /// <summary>tick_broadcast_device; null where the board has none that serves.</summary>
    public string? DeviceName => _device?.Name;

    /// <summary>Processors whose timer is over before anybody would wake them, for the checker. Always 0.</summary>
    public int Overslept => Sleeping.And(_kernel.OnlineMask).Count(id => !Pending.Contains(id) && _kernel.Cpus[id].Tick.NextPs < _nextEventPs);

    /// <summary>tick_install_broadcast_device: the timer that the boot processor's own has replaced.</summary>
    public void Install(ClockEventDevice device) => _device = device;

    /// <summary>
    /// tick_broadcast_enter: the processor's own timer stops now. False where that must not be: there is no device, and no C-state deeper than C1 to be had.
    /// </summary>
    internal bool TryEnter(Cpu cpu, long nowPs)
    {
        if (_device is null) return false;
        if (Sleeping.Contains(cpu.Id)) return true;
        Sleeping = Sleeping.With(cpu.Id);
        cpu.Tick.ShutDown(nowPs);
        Wants(cpu.Tick.NextPs, nowPs);
        return true;
    }

    /// <summary>The device is programmed anew if this is earlier than what it waits for.</summary>
    internal void Wants(long expiresPs, long nowPs)
    {
        if (expiresPs >= _nextEventPs) return;
        _nextEventPs = expiresPs;
        ProgramAt(nowPs);
    }

    /// <summary>tick_broadcast_exit, at <paramref name="nowPs"/> by the processor's clock: its own timer is programmed again, unless an interrupt is to come anyway.</summary>
    internal void Exit(Cpu cpu, long nowPs)
    {
        if (!Sleeping.Contains(cpu.Id)) return;
        Sleeping = Sleeping.Without(cpu.Id);
        bool isPending = Pending.Contains(cpu.Id);
        Pending = Pending.Without(cpu.Id);
        if (!isPending && cpu.Tick.NextPs <= nowPs)
        {
            Forced = Forced.With(cpu.Id);
            isPending = true;
        }
        cpu.Tick.SwitchOn(isServed: isPending, nowPs);
    }

    /// <summary>tick_check_broadcast_expired: its interrupt comes at once, so it is not worth while to sleep.</summary>
    internal bool IsAboutToInterrupt(Cpu cpu) => Forced.Contains(cpu.Id);

    /// <summary>tick_broadcast_offline.</summary>
    internal void TakeDown(Cpu cpu)
    {
        Sleeping = Sleeping.Without(cpu.Id);
        Pending = Pending.Without(cpu.Id);
        Forced = Forced.Without(cpu.Id);
    }

    /// <summary>
    /// timer_interrupt, tick_handle_oneshot_broadcast: those whose moment has come get the local timer's vector; what this processor itself is due is done here and now, without
    /// an interrupt of that row. Then the device waits for the next of the others.
    /// </summary>
    internal IrqReturn Interrupt()
    {
        Cpu cpu = _kernel.CurrentCpu!;
        _nextEventPs = SimTime.Never;
        CpuMask expired = Forced;
        Forced = CpuMask.Empty;
        long nextPs = SimTime.Never;
        foreach (int id in Sleeping)
        {
            long wantedPs = _kernel.Cpus[id].Tick.NextPs;
            if (wantedPs > cpu.LocalPs)
            {
                nextPs = Math.Min(nextPs, wantedPs);
                continue;
            }
            expired = expired.With(id);
            Pending = Pending.With(id);
        }
        Pending = Pending.Without(cpu.Id);
        foreach (int id in expired.Without(cpu.Id))
        {
            cpu.Spend(_kernel.Costs.IpiSend);
            cpu.Apic.SendFixed(Tick.LocalTimerVector, _kernel.Cpus[id].Apic.Id, cpu.LocalPs);
        }
        if (nextPs != SimTime.Never)
        {
            _nextEventPs = nextPs;
            cpu.Spend(_device!.ProgramPs);
            ProgramAt(cpu.LocalPs);
        }
        if (expired.Contains(cpu.Id)) cpu.Tick.Interrupt();
        return IrqReturn.Handled;
    }

    /// <summary>Code that is ahead of the clock writes the device's registers when the clock has come to where it is.</summary>
    private void ProgramAt(long nowPs)
    {
        if (nowPs <= _kernel.Events.NowPs) ProgramDevice(nowPs);
        else if (!_program.IsScheduled || _program.AtPs > nowPs) _kernel.Events.Schedule(_program, nowPs);
    }

    private void ProgramDevice(long nowPs) => _device!.Program(_nextEventPs, nowPs);
}
