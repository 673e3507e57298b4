namespace Tophalf.Kernel.Procfs;

/// <summary>
/// /sys/devices/system/clockevents (kernel/time/clockevents.c): which timer each processor's tick comes from, and which wakes processors whose timer has stopped.
/// </summary>
internal sealed class ClockEventFiles(Kernel kernel)
{
    /// <summary>The local APIC timer waits for a value of the TSC (arch/x86/kernel/apic/apic.c, setup_APIC_timer).</summary>
    private const string LocalTimer = "lapic-deadline";

    public Directory Tree() => new(
        () => ["broadcast", .. Enumerable.Range(0, kernel.CpuCount).Select(cpu => $"clockevent{cpu}")],
        name => name == "broadcast" ? Device(() => kernel.Broadcast.DeviceName)
            : Enumerable.Range(0, kernel.CpuCount).Any(cpu => name == $"clockevent{cpu}") ? Device(() => LocalTimer) : null);

    /// <summary>Without a device the file is empty.</summary>
    private static Directory Device(Func<string?> name) => Directory.Of(("current_device", new File(() => name() is { } device ? device + "\n" : "")));
}
