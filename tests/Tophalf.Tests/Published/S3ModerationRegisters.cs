using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Networking.Adaptive;
using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// The arithmetic of interrupt throttle registers, from Intel's "PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual", §13.4.18, the headers of
/// the ixgbe driver, Documentation/networking/device_drivers/ethernet/intel/e1000.rst, and the profiles of lib/dim/net_dim.c.
/// </summary>
public class S3ModerationRegisters
{
    [Theory]
    [InlineData(500, 128_000)]
    [InlineData(651, 166_656)]
    [InlineData(5580, 1_428_480)]
    [InlineData(0, 0)]
    public void An_8254x_counts_its_gap_in_units_of_256_nanoseconds(uint value, long ns) =>
        Assert.Equal(ns * SimTime.Nanosecond, ThrottleRegister.Itr256Ns.GapPs(value));

    [Theory]
    [InlineData(8000, 488u, 8004.6)]
    [InlineData(20_000, 195u, 20_032)]
    [InlineData(4000, 976u, 4002.3)]
    [InlineData(70_000, 55u, 71_023)]
    public void A_rate_becomes_the_register_value_below_it(int rate, uint value, double perSecond)
    {
        Assert.Equal(value, ThrottleRegisters.ForRate(rate));
        Assert.Equal(perSecond, SimTime.Second / (double)ThrottleRegister.Itr256Ns.GapPs(value), perSecond * 2e-5);
    }

    [Theory]
    [InlineData(10, 40, 10)]
    [InlineData(50, 200, 50)]
    [InlineData(84, 336, 84)]
    [InlineData(25, 96, 24)]
    public void An_82599_takes_microseconds_shifted_by_two_and_counts_pairs_of_them(uint usecs, uint value, int us)
    {
        Assert.Equal(value, ThrottleRegister.Eitr2Us.ForUsecs(usecs));
        Assert.Equal(us * SimTime.Microsecond, ThrottleRegister.Eitr2Us.GapPs(value));
    }

    [Theory]
    [InlineData(25, 25)]
    [InlineData(10_000, 1808)]
    public void An_82576_counts_single_microseconds_in_thirteen_bits(uint usecs, int us) =>
        Assert.Equal(us * SimTime.Microsecond, ThrottleRegister.Eitr1Us.GapPs(ThrottleRegister.Eitr1Us.ForUsecs(usecs)));

    [Fact]
    public void The_profiles_of_dynamic_moderation_are_these()
    {
        string picture = string.Join('\n', new[] { DimProfiles.RxEqe, DimProfiles.RxCqe, DimProfiles.TxEqe, DimProfiles.TxCqe }
            .Select(profiles => string.Join(' ', profiles.Select(profile => $"({profile.Usecs},{profile.Packets})"))));
        Assert.Equal("""
            (1,256) (8,256) (64,256) (128,256) (256,256)
            (2,256) (8,128) (16,64) (32,64) (64,64)
            (1,128) (8,128) (32,128) (64,128) (128,128)
            (5,128) (8,64) (16,32) (32,32) (64,32)
            """, picture);
        Assert.Equal(1, NetDim.DefaultProfile);
    }
}
