using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Timers;
using Tophalf.Kernel.Scheduling.Broadcast;

namespace Tophalf.Twin;

/// <summary>The timers every board of the PC kind has: an 8254 and an HPET, which can take the place of it on line 0. The HPET has a 14.318 MHz crystal and sends no messages.</summary>
internal sealed class LegacyTimers(TwinMachine machine) : IHpetBoard
{
    private const long PeriodFs = 69_841_279;
    private const int ClockLine = 8;

    // At the I/O APIC line 0 has no pin of that number: it ends where the cascade would.
    private readonly InterruptLine _timer = machine.LineOf(machine.Kernel.Irqs.Parameters.NoApic ? 0 : Pic8259Pair.CascadeLine, isLevel: false);
    private readonly InterruptLine _clock = machine.LineOf(ClockLine, isLevel: false);
    private Pit8254? _pit;

    /// <summary>hpet_enable, or pit_timer_init where the command line forbids the HPET.</summary>
    public ClockEventDevice ClockEvent()
    {
        long nowPs = machine.Events.NowPs;
        _pit = new Pit8254(_timer, machine.Events);
        if (IsHpetForbidden) return new PitClockEvent(_pit, machine.Kernel.Costs, nowPs);
        return new HpetClockEvent(new Hpet(PeriodFs, allowedRoutes: 0, canSendMessages: false, this, machine.Events), machine.Kernel.Costs, nowPs);
    }

    /// <summary>nohpet, hpet=disable (arch/x86/kernel/hpet.c).</summary>
    private bool IsHpetForbidden => machine.Kernel.Options.HasParameter("nohpet", "") || machine.Kernel.Options.HasParameter("hpet", "disable");

    void IHpetBoard.SetPin(int pin, bool active, long atPs) => machine.IoApic.SetLine(pin, active, atPs);

    void IHpetBoard.SetLegacyLine(int isaIrq, bool active, long atPs) => (isaIrq == ClockLine ? _clock : _timer)(active, atPs);

    void IHpetBoard.ReplaceLegacyTimers(bool replaced, long nowPs) => _pit?.Connect(!replaced, nowPs);

    void IHpetBoard.SendMessage(uint address, uint data, long nowPs) => throw new InvalidOperationException("this HPET cannot send messages");
}
