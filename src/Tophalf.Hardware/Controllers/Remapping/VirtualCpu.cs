namespace Tophalf.Hardware.Controllers.Remapping;

public enum VirtualCpuState : byte
{
    /// <summary>On a processor, executing guest code.</summary>
    InGuest,

    /// <summary>On a processor, in the hypervisor.</summary>
    InHost,

    /// <summary>Runnable, but another task has the processor.</summary>
    Preempted,

    /// <summary>The guest executed HLT; off every processor until something happens.</summary>
    Halted,

    /// <summary>Was halted and is runnable again, not on a processor yet.</summary>
    Woken,
}

/// <summary>What became of an interrupt that arrived at the physical processor of a virtual CPU.</summary>
public enum HostInterruptEffect : byte
{
    /// <summary>The processor took the posted requests over without leaving the guest; it has ended the interrupt at the local APIC itself.</summary>
    ProcessedInGuest,

    /// <summary>The guest was left; the hypervisor handles the interrupt.</summary>
    VmExit,

    /// <summary>No guest was running: an ordinary interrupt of the host.</summary>
    OrdinaryInterrupt,
}

/// <summary>What a hypervisor that posts an interrupt by itself has to do next.</summary>
public enum SoftwarePostEffect : byte { AlreadyRequested, AlreadyNotified, SendNotification, Wake }

/// <summary>
/// A virtual CPU as its posted-interrupt descriptor sees it: what KVM writes there when the vCPU moves between its states
/// (arch/x86/kvm/vmx/posted_intr.c), and what the processor does with a notification (SDM 3C ch. 30 "Posted-interrupt processing").
/// <code>
///                  NV    SN  NDST            an interrupt posted now
///   in the guest   0xf2  0   this processor  reaches the guest without an exit
///   in the host    0xf2  0   this processor  is an ordinary 0xf2 there; the next entry finds the request
///   preempted      0xf2  1   the last one    waits in PIR, silently, unless it is urgent
///   halted         0xf1  0   the last one    wakes the vCPU through that processor's wakeup list
/// </code>
/// </summary>
public sealed class VirtualCpu
{
    public const byte NotificationVector = 0xF2, WakeupVector = 0xF1;

    private readonly bool _extended;
    private WakeupList _processor;
    private bool _listed;

    /// <param name="descriptor">Its descriptor, not shared with another.</param>
    /// <param name="processor">The processor it is loaded on first.</param>
    /// <param name="extended">x2APIC ids in the descriptor's destination.</param>
    public VirtualCpu(PostedInterruptDescriptor descriptor, WakeupList processor, bool extended)
    {
        Descriptor = descriptor;
        _processor = processor;
        _extended = extended;
        Descriptor.Notify(NotificationVector, _processor.ApicId, _extended);
    }

    public PostedInterruptDescriptor Descriptor { get; }
    public VirtualApic Apic { get; } = new();
    public VirtualCpuState State { get; private set; } = VirtualCpuState.InHost;

    /// <summary>RFLAGS.IF of the guest, without an STI or MOV SS shadow.</summary>
    public bool InterruptsEnabled { get; set; } = true;

    /// <summary>Times the guest was left, whatever for; what direct delivery saves.</summary>
    public long VmExits { get; private set; }

    /// <summary>
    /// vcpu_load: it gets a processor. Suppression ends; what was posted silently counts as notified, so that the entry looks for it.
    /// </summary>
    public void Load(WakeupList processor)
    {
        if (State is VirtualCpuState.InGuest or VirtualCpuState.InHost)
            throw new InvalidOperationException("the virtual CPU is on a processor already");
        if (_listed) _processor.Remove(this);
        _listed = false;
        _processor = processor;
        State = VirtualCpuState.InHost;
        Descriptor.Notify(NotificationVector, _processor.ApicId, _extended);
        if (Descriptor.HasRequests) Descriptor.TestAndSetOutstanding();
    }

    /// <summary>VM entry. An outstanding notification is answered here, since its interrupt was taken by the host or never sent.</summary>
    public void Enter()
    {
        Expect(VirtualCpuState.InHost);
        if (Descriptor.OutstandingNotification) TakeRequests();
        State = VirtualCpuState.InGuest;
    }

    /// <summary>An interrupt reaches the processor the virtual CPU is on.</summary>
    public HostInterruptEffect Receive(byte vector)
    {
        if (State != VirtualCpuState.InGuest) return HostInterruptEffect.OrdinaryInterrupt;
        if (vector != NotificationVector)
        {
            Exit();
            return HostInterruptEffect.VmExit;
        }
        TakeRequests();
        return HostInterruptEffect.ProcessedInGuest;
    }

    /// <summary>The guest takes its next interrupt, if it may: the vector, or -1.</summary>
    public int TakeInterrupt() => State == VirtualCpuState.InGuest && InterruptsEnabled && Apic.HasDeliverable ? Apic.Deliver() : -1;

    /// <summary>The guest writes its EOI register.</summary>
    public VirtualEoi EndOfInterrupt()
    {
        Expect(VirtualCpuState.InGuest);
        VirtualEoi eoi = Apic.EndOfInterrupt();
        if (eoi.ExitsToHost) Exit();
        return eoi;
    }

    /// <summary>The guest is left for any other reason: HLT, an I/O port, a page fault.</summary>
    public void Exit()
    {
        Expect(VirtualCpuState.InGuest);
        VmExits++;
        State = VirtualCpuState.InHost;
    }

    /// <summary>Another task takes the processor: notifications would only disturb that one.</summary>
    public void Preempt()
    {
        Expect(VirtualCpuState.InHost);
        State = VirtualCpuState.Preempted;
        Descriptor.Suppress();
    }

    /// <summary>
    /// The guest halted and nothing is pending for it, else false. From here on the descriptor notifies with the wakeup vector, and this
    /// processor's list knows whom to wake; unless the guest halted with interrupts off.
    /// </summary>
    public bool TryHalt()
    {
        Expect(VirtualCpuState.InHost);
        if (Descriptor.OutstandingNotification) TakeRequests();
        if (InterruptsEnabled && Apic.HasDeliverable) return false;
        State = VirtualCpuState.Halted;
        if (!InterruptsEnabled) return true; // only an NMI or a reset ends this halt, and neither is posted
        _processor.Add(this);
        _listed = true;
        Descriptor.Notify(WakeupVector, _processor.ApicId, _extended);
        return true;
    }

    /// <summary>The hypervisor posts, for a device it emulates or another virtual CPU: no interrupt where one is due already.</summary>
    public SoftwarePostEffect PostBySoftware(byte vector)
    {
        if (Descriptor.TestAndSetRequest(vector)) return SoftwarePostEffect.AlreadyRequested;
        if (Descriptor.TestAndSetOutstanding()) return SoftwarePostEffect.AlreadyNotified;
        if (State == VirtualCpuState.InGuest) return SoftwarePostEffect.SendNotification;
        TryWake();
        return SoftwarePostEffect.Wake;
    }

    internal bool TryWake()
    {
        if (State != VirtualCpuState.Halted) return false;
        State = VirtualCpuState.Woken;
        return true;
    }

    private void TakeRequests()
    {
        Descriptor.ClearOutstanding();
        Apic.Merge(Descriptor);
    }

    private void Expect(VirtualCpuState state)
    {
        if (State != state) throw new InvalidOperationException($"the virtual CPU is {State}, not {state}");
    }
}
