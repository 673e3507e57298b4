using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Irq;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel;

/// <summary>
/// Moving an interrupt without remapping: the mask is noted, the line's own next interrupt makes the move, and the vector left behind is
/// freed a jiffy after the first interrupt on the new processor (kernel/irq/migration.c, arch/x86/kernel/apic/vector.c).
/// </summary>
public class AffinityTests
{
    private readonly KernelBench _bench = new(cpus: 2);
    private readonly PulseDevice _device;
    private readonly IrqDesc _line;

    public AffinityTests()
    {
        (_device, _line) = _bench.Message("nvme0q1");
        _bench.Claim(_line, _device);
    }

    private string Path(string file) => $"/proc/irq/{_line.Irq}/{file}";

    private void RaiseAndWait(long ps = 100 * SimTime.Microsecond)
    {
        _device.Raise(_bench.NowPs);
        _bench.RunFor(ps);
    }

    /// <summary>What a person at a shell sees: the wish, the fact, the counters and the vectors taken on both processors.</summary>
    private string Seen()
    {
        VectorMatrix matrix = _bench.Kernel.Vectors.Matrix;
        return $"wants {_bench.Read(Path("smp_affinity")).Trim()} has {_bench.Read(Path("effective_affinity_list")).Trim()}"
            + $" counts {_line.CountOn(0)},{_line.CountOn(1)} vectors {matrix.Allocated(0)},{matrix.Allocated(1)}";
    }

    [Fact]
    public void An_idle_line_moves_with_its_second_interrupt()
    {
        List<string> story = [Seen()];
        Assert.Equal(Errno.None, _bench.Write(Path("smp_affinity"), "2\n"));
        story.Add("echo 2: " + Seen());
        _bench.RunFor(SimTime.Second);
        story.Add("a second later: " + Seen());
        RaiseAndWait();
        story.Add("first interrupt: " + Seen());
        RaiseAndWait();
        story.Add("second interrupt: " + Seen());
        _bench.RunFor(9 * SimTime.Millisecond);
        story.Add("two jiffies later: " + Seen());

        Assert.Equal(
        [
            "wants 3 has 0 counts 0,0 vectors 1,0",
            "echo 2: wants 2 has 0 counts 0,0 vectors 1,0",
            "a second later: wants 2 has 0 counts 0,0 vectors 1,0",
            "first interrupt: wants 2 has 1 counts 1,0 vectors 1,1",
            "second interrupt: wants 2 has 1 counts 1,1 vectors 1,1",
            "two jiffies later: wants 2 has 1 counts 1,1 vectors 0,1",
        ], story);
    }

    [Fact]
    public void The_matrix_is_as_before_when_a_line_has_moved_there_and_back()
    {
        int global = _bench.Kernel.Vectors.Matrix.GlobalAvailable;
        foreach (string mask in new[] { "2", "1", "2", "1" })
        {
            _bench.Write(Path("smp_affinity"), mask);
            for (int i = 0; i < 2; i++) RaiseAndWait(10 * SimTime.Millisecond);
        }
        Assert.Equal("wants 1 has 0 counts 4,4 vectors 1,0", Seen());
        Assert.Equal(global, _bench.Kernel.Vectors.Matrix.GlobalAvailable);
    }

    [Fact]
    public void A_second_move_waits_for_the_clean_up_of_the_first()
    {
        _bench.Write(Path("smp_affinity"), "2");
        RaiseAndWait(SimTime.Microsecond * 20); // moves to CPU 1
        _bench.Write(Path("smp_affinity"), "1");
        RaiseAndWait(SimTime.Microsecond * 20); // first on CPU 1: completes the move, but its clean-up is a jiffy away
        Assert.Equal("1\n", _bench.Read(Path("effective_affinity_list")));
        _bench.RunFor(10 * SimTime.Millisecond);
        RaiseAndWait();
        Assert.Equal("0\n", _bench.Read(Path("effective_affinity_list")));
    }

    [Fact]
    public void A_mask_that_holds_the_present_processor_moves_nothing()
    {
        _bench.Write(Path("smp_affinity"), "3");
        for (int i = 0; i < 3; i++) RaiseAndWait();
        Assert.Equal("wants 3 has 0 counts 3,0 vectors 1,0", Seen());
    }

    [Theory]
    [InlineData("smp_affinity", "0", Errno.EINVAL)]
    [InlineData("smp_affinity", "4", Errno.EOVERFLOW)]
    [InlineData("smp_affinity", "100000000", Errno.EOVERFLOW)]
    [InlineData("smp_affinity", "xyz", Errno.EINVAL)]
    [InlineData("smp_affinity", "", Errno.EINVAL)]
    [InlineData("smp_affinity_list", "9", Errno.ERANGE)]
    [InlineData("smp_affinity_list", "1-0", Errno.EINVAL)]
    [InlineData("smp_affinity_list", "a", Errno.EINVAL)]
    [InlineData("effective_affinity", "1", Errno.EIO)]
    [InlineData("node", "0", Errno.EIO)]
    public void A_bad_write_is_refused_with_the_kernels_error_and_changes_nothing(string file, string text, Errno expected)
    {
        Assert.Equal(expected, _bench.Write(Path(file), text + "\n"));
        Assert.Equal("wants 3 has 0 counts 0,0 vectors 1,0", Seen());
    }

    [Fact]
    public void A_level_line_moves_too_with_its_own_next_interrupt()
    {
        var (device, line) = _bench.Pin(9, isLevel: true);
        _bench.Claim(line, device);
        Assert.Equal(1, line.Cpu); // the processor with more vectors free
        _bench.Write("/proc/irq/9/smp_affinity_list", "0");
        for (int i = 0; i < 3; i++)
        {
            device.Raise(_bench.NowPs);
            _bench.RunFor(SimTime.Millisecond);
        }
        Assert.Equal((2u, 1u), (line.CountOn(0), line.CountOn(1)));
        Assert.Equal(0, _bench.IoApic[9].Destination);
    }

    [Fact]
    public void New_lines_start_with_the_default_affinity()
    {
        Assert.Equal(Errno.None, _bench.Write("/proc/irq/default_smp_affinity", "1\n"));
        for (int i = 0; i < 3; i++)
        {
            var (device, line) = _bench.Message($"dev{i}");
            _bench.Claim(line, device);
            Assert.Equal(0, line.Cpu);
        }
    }

    [Fact]
    public void Lines_spread_over_the_processors_with_most_vectors_free()
    {
        for (int i = 0; i < 7; i++)
        {
            var (device, line) = _bench.Message($"dev{i}");
            _bench.Claim(line, device);
        }
        Assert.Equal((4, 4), (_bench.Kernel.Vectors.Matrix.Allocated(0), _bench.Kernel.Vectors.Matrix.Allocated(1)));
    }
}
