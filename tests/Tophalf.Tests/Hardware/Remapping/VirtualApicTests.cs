using FsCheck;
using FsCheck.Fluent;
using Tophalf.Hardware.Controllers.Remapping;
using Tophalf.Hardware.Memory;
using Xunit;

namespace Tophalf.Tests.Hardware.Remapping;

public class VirtualApicTests
{
    private readonly PostedInterruptDescriptor _descriptor = PostedInterruptDescriptor.Allocate(new PhysicalMemory(1 << 14));
    private readonly VirtualApic _apic = new();

    [Fact]
    public void Posted_requests_are_delivered_highest_first_and_each_eoi_lets_the_next_in()
    {
        Merge(0x41, 0x61, 0x51);
        Assert.Equal((0x61, 0), (_apic.Rvi, _apic.Svi));
        Assert.Equal(0x61, _apic.Deliver());
        Assert.Equal((0x51, 0x61, 0x60), (_apic.Rvi, _apic.Svi, _apic.ProcessorPriority));
        Assert.False(_apic.HasDeliverable);

        Assert.Equal(new VirtualEoi(0x61, false), _apic.EndOfInterrupt());
        Assert.Equal(0x51, _apic.Deliver());
        _apic.EndOfInterrupt();
        Assert.Equal(0x41, _apic.Deliver());
        _apic.EndOfInterrupt();
        Assert.Equal((0, 0, 0), (_apic.Rvi, _apic.Svi, _apic.ProcessorPriority));
    }

    [Fact]
    public void A_higher_class_interrupts_the_handler_of_a_lower_and_the_eoi_returns_to_it()
    {
        Merge(0x41);
        _apic.Deliver();
        Merge(0x4F);
        Assert.False(_apic.HasDeliverable);
        Merge(0x51);
        Assert.Equal(0x51, _apic.Deliver());
        Assert.True(_apic.IsInService(0x41) && _apic.IsInService(0x51));

        _apic.EndOfInterrupt();
        Assert.Equal((0x4F, 0x41, 0x40), (_apic.Rvi, _apic.Svi, _apic.ProcessorPriority));
    }

    [Theory]
    [InlineData(0x20, 0x31, 0x30)]
    [InlineData(0x45, 0x31, 0x45)]
    [InlineData(0x30, 0x31, 0x30)]
    public void The_virtual_priority_follows_the_rule_of_the_real_one(byte taskPriority, byte inService, byte expected)
    {
        Merge(inService);
        _apic.Deliver();
        _apic.TaskPriority = taskPriority;
        Assert.Equal(expected, _apic.ProcessorPriority);
    }

    [Fact]
    public void Priority_30_admits_41_and_not_3f()
    {
        _apic.TaskPriority = 0x30;
        Merge(0x3F);
        Assert.False(_apic.HasDeliverable);
        Merge(0x41);
        Assert.True(_apic.HasDeliverable);
    }

    [Fact]
    public void An_eoi_leaves_the_guest_only_for_vectors_the_hypervisor_asked_for()
    {
        _apic.SetEoiExit(0x41);
        Merge(0x41, 0x51);
        _apic.Deliver();
        Assert.Equal(new VirtualEoi(0x51, ExitsToHost: false), _apic.EndOfInterrupt());
        _apic.Deliver();
        Assert.Equal(new VirtualEoi(0x41, ExitsToHost: true), _apic.EndOfInterrupt());
    }

    [Fact]
    public void An_eoi_with_nothing_in_service_changes_nothing()
    {
        Merge(0x41);
        Assert.Equal(new VirtualEoi(0, false), _apic.EndOfInterrupt());
        Assert.Equal(0x41, _apic.Rvi);
    }

    /// <summary>Any mix of posting, delivery and EOI: RVI and SVI are the tops of their bitmaps, and every request is delivered once.</summary>
    [Fact]
    public void Rvi_and_svi_are_always_the_highest_bits() =>
        Prop.ForAll((from what in Gen.Choose(0, 2) from vector in Gen.Choose(16, 255) select (what, (byte)vector)).ListOf().ToArbitrary(), steps =>
        {
            PostedInterruptDescriptor descriptor = PostedInterruptDescriptor.Allocate(new PhysicalMemory(1 << 14));
            var apic = new VirtualApic();
            SortedSet<int> requested = [], inService = [];
            foreach ((int what, byte vector) in steps)
            {
                if (what == 0)
                {
                    descriptor.PostByHardware(vector, urgent: false);
                    apic.Merge(descriptor);
                    requested.Add(vector);
                }
                else if (what == 1 && apic.HasDeliverable)
                {
                    byte delivered = apic.Deliver();
                    if (delivered != requested.Max || !requested.Remove(delivered) || !inService.Add(delivered)) return false;
                }
                else if (what == 2)
                {
                    int ended = apic.EndOfInterrupt().Vector;
                    if (ended != inService.Max) return false;
                    inService.Remove(ended);
                }
                if (apic.Rvi != requested.Max || apic.Svi != inService.Max) return false;
                bool deliverable = requested.Max >> 4 > inService.Max >> 4;
                if (apic.HasDeliverable != deliverable) return false;
            }
            return Enumerable.Range(0, 256).All(vector => apic.IsRequested(vector) == requested.Contains(vector) && apic.IsInService(vector) == inService.Contains(vector));
        }).QuickCheckThrowOnFailure();

    private void Merge(params ReadOnlySpan<byte> vectors)
    {
        foreach (byte vector in vectors) _descriptor.PostByHardware(vector, urgent: false);
        _apic.Merge(_descriptor);
    }
}
