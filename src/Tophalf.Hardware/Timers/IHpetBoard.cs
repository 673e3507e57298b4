namespace Tophalf.Hardware.Timers;

/// <summary>What the HPET is wired to.</summary>
public interface IHpetBoard
{
    /// <summary>A timer's line at the I/O APIC pin its configuration names. Below 16 the same wire reaches the 8259s.</summary>
    void SetPin(int pin, bool active, long atPs);

    /// <summary>The line of timer 0 or 1 under legacy replacement: ISA line 0 (I/O APIC pin 2) or 8.</summary>
    void SetLegacyLine(int isaIrq, bool active, long atPs);

    /// <summary>While true, the 8254 and the real-time clock are cut off from lines 0 and 8.</summary>
    void ReplaceLegacyTimers(bool replaced, long nowPs);

    /// <summary>Front-side-bus delivery: a write of <paramref name="data"/> to <paramref name="address"/>, as an MSI.</summary>
    void SendMessage(uint address, uint data, long nowPs);
}
