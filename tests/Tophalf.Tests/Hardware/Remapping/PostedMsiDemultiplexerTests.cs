using FsCheck;
using FsCheck.Fluent;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Controllers.Remapping;
using Tophalf.Hardware.Memory;
using Xunit;

namespace Tophalf.Tests.Hardware.Remapping;

/// <summary>The structures of posted MSI on the host (Pan, RFC of November 2023): bitmap, ON, three sweeps, one notification for many.</summary>
public class PostedMsiDemultiplexerTests
{
    private readonly PostedInterruptDescriptor _descriptor = PostedInterruptDescriptor.Allocate(new PhysicalMemory(1 << 14));
    private int _notifications;

    public PostedMsiDemultiplexerTests() => _descriptor.Notify(PostedMsiDemultiplexer.NotificationVector, apicId: 2, extended: true);

    [Fact]
    public void A_burst_of_eight_disks_costs_one_notification()
    {
        for (byte disk = 0; disk < 8; disk++) Post((byte)(0x31 + disk * 16));
        var called = new List<int>();
        DemultiplexResult result = PostedMsiDemultiplexer.Run(_descriptor, called.Add);

        Assert.Equal(1, _notifications);
        Assert.Equal([0x31, 0x41, 0x51, 0x61, 0x71, 0x81, 0x91, 0xA1], called);
        Assert.Equal(new DemultiplexResult(Sweeps: 3, Handled: 8), result);
        Assert.Equal(new InterruptMessage(0xEB, 2), _descriptor.Notification(extended: true));
    }

    [Fact]
    public void What_arrives_during_the_first_sweeps_is_handled_without_another_notification()
    {
        int runs = 0;
        Post(0x41);
        DemultiplexResult result = PostedMsiDemultiplexer.Run(_descriptor, _ =>
        {
            if (++runs < 3) Post(0x41);
        });

        Assert.Equal(new DemultiplexResult(Sweeps: 3, Handled: 3), result);
        Assert.Equal(1, _notifications);
        Assert.False(_descriptor.HasRequests || _descriptor.OutstandingNotification);
    }

    [Fact]
    public void A_queue_that_never_rests_gets_three_sweeps_and_then_a_new_notification()
    {
        Post(0x41);
        DemultiplexResult result = PostedMsiDemultiplexer.Run(_descriptor, _ => Post(0x41));

        Assert.Equal(new DemultiplexResult(Sweeps: 3, Handled: 3), result);
        Assert.Equal(2, _notifications);
        Assert.True(_descriptor.IsRequested(0x41) && _descriptor.OutstandingNotification);
    }

    [Fact]
    public void An_empty_first_sweep_goes_straight_to_the_last()
    {
        Assert.Equal(new DemultiplexResult(Sweeps: 2, Handled: 0), PostedMsiDemultiplexer.Run(_descriptor, _ => Assert.Fail("nothing was posted")));
    }

    [Fact]
    public void Only_device_vectors_have_a_handler()
    {
        foreach (byte vector in new byte[] { 0x1F, 0x20, 0xEA, 0xEB, 0xFF }) Post(vector);
        var called = new List<int>();
        PostedMsiDemultiplexer.Run(_descriptor, called.Add);
        Assert.Equal([0x20, 0xEA], called);
        Assert.False(_descriptor.HasRequests);
    }

    /// <summary>Handlers that post what they like: nothing is lost, nothing is seen twice, and whatever is left has been notified.</summary>
    [Fact]
    public void Each_posted_vector_is_handled_once_or_left_with_a_notification() =>
        Prop.ForAll(
            Gen.Choose(0x20, 0xEA).NonEmptyListOf().ToArbitrary(), Gen.Choose(0x20, 0xEA).ListOf().ToArbitrary(), (before, during) =>
            {
                PostedInterruptDescriptor descriptor = PostedInterruptDescriptor.Allocate(new PhysicalMemory(1 << 14));
                int[] owed = new int[256];
                int notifications = 0;
                var later = new Queue<int>(during);
                void Raise(int vector)
                {
                    if (!descriptor.IsRequested(vector)) owed[vector]++;
                    if (descriptor.PostByHardware((byte)vector, urgent: false)) notifications++;
                }

                foreach (int vector in before) Raise(vector);
                if (notifications != 1) return false;
                DemultiplexResult result = PostedMsiDemultiplexer.Run(descriptor, vector =>
                {
                    owed[vector]--;
                    if (later.TryDequeue(out int next)) Raise(next);
                });
                bool balanced = Enumerable.Range(0, 256).All(vector => owed[vector] == (descriptor.IsRequested(vector) ? 1 : 0));
                return balanced && descriptor.OutstandingNotification == descriptor.HasRequests && notifications == (descriptor.HasRequests ? 2 : 1)
                    && result.Sweeps == 3;
            }).QuickCheckThrowOnFailure();

    private void Post(byte vector)
    {
        if (_descriptor.PostByHardware(vector, urgent: false)) _notifications++;
    }
}
