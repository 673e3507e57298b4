namespace Tophalf.Hardware.Controllers.Remapping;

/// <summary>
/// The halted virtual CPUs a physical processor has to wake: it was the last to run them, and their descriptors notify it with the
/// wakeup vector (arch/x86/kvm/vmx/posted_intr.c, wakeup_vcpus_on_cpu). One per physical processor.
/// </summary>
public sealed class WakeupList(uint apicId)
{
    private readonly List<VirtualCpu> _halted = [];

    public uint ApicId => apicId;
    public int Count => _halted.Count;

    internal void Add(VirtualCpu cpu) => _halted.Add(cpu);
    internal void Remove(VirtualCpu cpu) => _halted.Remove(cpu);

    /// <summary>
    /// Handler of the wakeup vector. The interrupt does not say for whom it was, so every halted one with an outstanding notification is
    /// woken. It stays listed until it is loaded somewhere. Returns how many woke.
    /// </summary>
    public int Wake()
    {
        int woken = 0;
        foreach (VirtualCpu cpu in _halted)
        {
            if (cpu.Descriptor.OutstandingNotification && cpu.TryWake()) woken++;
        }
        return woken;
    }
}
