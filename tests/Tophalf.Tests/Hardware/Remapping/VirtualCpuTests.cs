using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Controllers.Remapping;
using Xunit;

namespace Tophalf.Tests.Hardware.Remapping;

/// <summary>A network card's function is assigned to a guest; where its interrupts go while the virtual CPU lives its life.</summary>
public class VirtualCpuTests
{
    private const ushort Nic = RemappingBoard.Nic;
    private const ushort Handle = 1, UrgentHandle = 2;
    private const byte GuestVector = 0x51, UrgentVector = 0x61;

    private readonly RemappingBoard _board = new();
    private readonly WakeupList _cpu1 = new(apicId: 1), _cpu2 = new(apicId: 2);
    private readonly VirtualCpu _guest;

    public VirtualCpuTests()
    {
        _guest = new VirtualCpu(PostedInterruptDescriptor.Allocate(_board.Memory), _cpu1, extended: true);
        _board.Store(Handle, RemappingTableEntry.Posted(GuestVector, _guest.Descriptor.Address, urgent: false, SourceValidation.Only(Nic)));
        _board.Store(UrgentHandle, RemappingTableEntry.Posted(UrgentVector, _guest.Descriptor.Address, urgent: true, SourceValidation.Only(Nic)));
    }

    [Fact]
    public void A_running_guest_takes_and_ends_its_interrupt_without_an_exit()
    {
        _guest.Enter();
        RemapResult posted = _board.Ask(Nic, Handle);
        Assert.Equal(new InterruptMessage(0xF2, 1), posted.Message);

        Assert.Equal(HostInterruptEffect.ProcessedInGuest, _guest.Receive(posted.Message.Vector));
        Assert.Equal(GuestVector, _guest.TakeInterrupt());
        _guest.EndOfInterrupt();
        Assert.Equal(-1, _guest.TakeInterrupt());
        Assert.Equal((VirtualCpuState.InGuest, 0L), (_guest.State, _guest.VmExits));
        Assert.False(_guest.Descriptor.OutstandingNotification || _guest.Descriptor.HasRequests);
    }

    [Fact]
    public void Without_posting_each_interrupt_costs_an_exit_on_arrival_and_one_for_the_eoi()
    {
        _guest.Apic.SetEoiExit(GuestVector);
        _guest.Enter();
        Assert.Equal(HostInterruptEffect.VmExit, _guest.Receive(0x41)); // the host's own vector for the card
        _guest.PostBySoftware(GuestVector);
        _guest.Enter();
        Assert.Equal(GuestVector, _guest.TakeInterrupt());
        Assert.Equal(new VirtualEoi(GuestVector, ExitsToHost: true), _guest.EndOfInterrupt());
        Assert.Equal(2, _guest.VmExits);
    }

    [Fact]
    public void A_notification_that_finds_the_hypervisor_is_answered_at_the_next_entry()
    {
        RemapResult posted = _board.Ask(Nic, Handle);
        Assert.Equal(HostInterruptEffect.OrdinaryInterrupt, _guest.Receive(posted.Message.Vector));
        Assert.Equal(-1, _guest.TakeInterrupt());
        _guest.Enter();
        Assert.Equal(GuestVector, _guest.TakeInterrupt());
    }

    [Fact]
    public void A_guest_with_interrupts_off_gets_it_when_it_turns_them_on()
    {
        _guest.InterruptsEnabled = false;
        _guest.Enter();
        _guest.Receive(_board.Ask(Nic, Handle).Message.Vector);
        Assert.Equal(-1, _guest.TakeInterrupt());
        _guest.InterruptsEnabled = true;
        Assert.Equal(GuestVector, _guest.TakeInterrupt());
        Assert.Equal(0, _guest.VmExits);
    }

    [Fact]
    public void While_it_is_preempted_interrupts_gather_in_silence_and_follow_it_to_another_processor()
    {
        _guest.Preempt();
        Assert.False(_board.Ask(Nic, Handle).Notifies);
        Assert.False(_board.Ask(Nic, Handle).Notifies);
        Assert.False(_guest.Descriptor.OutstandingNotification);

        _guest.Load(_cpu2);
        Assert.True(_guest.Descriptor.OutstandingNotification);
        Assert.False(_guest.Descriptor.SuppressNotification);
        _guest.Enter();
        Assert.Equal(GuestVector, _guest.TakeInterrupt());
        _guest.EndOfInterrupt();

        Assert.Equal(new InterruptMessage(0xF2, 2), _board.Ask(Nic, Handle).Message);
    }

    [Fact]
    public void An_urgent_interrupt_notifies_even_while_it_is_preempted()
    {
        _guest.Preempt();
        RemapResult urgent = _board.Ask(Nic, UrgentHandle);
        Assert.Equal((true, new InterruptMessage(0xF2, 1)), (urgent.Notifies, urgent.Message));
        Assert.Equal(HostInterruptEffect.OrdinaryInterrupt, _guest.Receive(urgent.Message.Vector));
    }

    [Fact]
    public void A_halted_guest_is_woken_through_the_list_of_the_processor_it_slept_on()
    {
        Halt();
        Assert.Equal((1, 0), (_cpu1.Count, _cpu2.Count));

        RemapResult posted = _board.Ask(Nic, Handle);
        Assert.Equal(new InterruptMessage(0xF1, 1), posted.Message);
        Assert.Equal(VirtualCpuState.Halted, _guest.State);

        Assert.Equal(1, _cpu1.Wake());
        Assert.Equal(VirtualCpuState.Woken, _guest.State);
        Assert.Equal(0, _cpu1.Wake());

        _guest.Load(_cpu2);
        Assert.Equal((0, 0), (_cpu1.Count, _cpu2.Count));
        _guest.Enter();
        Assert.Equal(GuestVector, _guest.TakeInterrupt());
        Assert.Equal(VirtualCpu.NotificationVector, _guest.Descriptor.NotificationVector);
    }

    [Fact]
    public void Only_the_halted_guest_with_an_outstanding_notification_wakes()
    {
        var sleeper = new VirtualCpu(PostedInterruptDescriptor.Allocate(_board.Memory), _cpu1, extended: true);
        Assert.True(sleeper.TryHalt());
        Halt();
        _board.Ask(Nic, Handle);

        Assert.Equal(1, _cpu1.Wake());
        Assert.Equal((VirtualCpuState.Halted, VirtualCpuState.Woken), (sleeper.State, _guest.State));
    }

    [Fact]
    public void A_guest_with_something_pending_does_not_halt()
    {
        _guest.Enter();
        _guest.Exit();
        _board.Ask(Nic, Handle);
        Assert.False(_guest.TryHalt());
        Assert.Equal(0, _cpu1.Count);
        _guest.Enter();
        Assert.Equal(GuestVector, _guest.TakeInterrupt());
    }

    [Fact]
    public void A_guest_that_halts_with_interrupts_off_is_on_no_list()
    {
        _guest.InterruptsEnabled = false;
        Halt();
        Assert.Equal(0, _cpu1.Count);
        Assert.Equal(new InterruptMessage(0xF2, 1), _board.Ask(Nic, Handle).Message);
    }

    [Fact]
    public void The_hypervisor_posts_once_and_notifies_once()
    {
        _guest.Enter();
        Assert.Equal(SoftwarePostEffect.SendNotification, _guest.PostBySoftware(0x71));
        Assert.Equal(SoftwarePostEffect.AlreadyRequested, _guest.PostBySoftware(0x71));
        Assert.Equal(SoftwarePostEffect.AlreadyNotified, _guest.PostBySoftware(0x72));
        Assert.False(_board.Ask(Nic, Handle).Notifies);

        _guest.Receive(VirtualCpu.NotificationVector);
        Assert.Equal(0x72, _guest.TakeInterrupt());
        Assert.True(_guest.Apic.IsRequested(0x71) && _guest.Apic.IsRequested(GuestVector));
    }

    [Fact]
    public void The_hypervisor_wakes_a_halted_guest_by_itself()
    {
        Halt();
        Assert.Equal(SoftwarePostEffect.Wake, _guest.PostBySoftware(0x71));
        Assert.Equal(VirtualCpuState.Woken, _guest.State);
    }

    [Fact]
    public void What_cannot_happen_to_a_virtual_cpu_in_its_state_is_refused()
    {
        Assert.Throws<InvalidOperationException>(() => _guest.Load(_cpu2));
        Assert.Throws<InvalidOperationException>(() => _guest.Exit());
        Halt();
        Assert.Throws<InvalidOperationException>(() => _guest.Enter());
        Assert.Throws<InvalidOperationException>(() => _guest.Preempt());
    }

    private void Halt() => Assert.True(_guest.TryHalt());
}
