using Tophalf.Kernel.Irq;
using Tophalf.Linux;
using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Kernel;

/// <summary>The books of the vector allocator (kernel/irq/matrix.c).</summary>
public class VectorMatrixTests
{
    private const int PerCpu = 203;

    private static VectorMatrix Matrix(int cpus)
    {
        var matrix = new VectorMatrix(cpus);
        matrix.AssignSystem(0x80);
        for (int cpu = 0; cpu < cpus; cpu++) matrix.Online(cpu);
        return matrix;
    }

    private static string Allocate(VectorMatrix matrix, CpuMask mask, bool managed = false)
    {
        Errno error = managed ? matrix.AllocateManaged(mask, out int cpu, out int vector) : matrix.Allocate(mask, reserved: false, out cpu, out vector);
        return error == Errno.None ? $"{cpu}:{vector:x2}" : error.ToString();
    }

    [Fact]
    public void Vectors_go_to_the_processor_with_most_left_and_the_lowest_wins_a_tie()
    {
        VectorMatrix matrix = Matrix(3);
        Assert.Equal("0:20 1:20 2:20 0:21 2:21", string.Join(" ",
            Allocate(matrix, CpuMask.Of(0, 1, 2)), Allocate(matrix, CpuMask.Of(0, 1, 2)), Allocate(matrix, CpuMask.Of(0, 1, 2)),
            Allocate(matrix, CpuMask.Of(0)), Allocate(matrix, CpuMask.Of(0, 2))));
        Assert.Equal((3 * 202 - 5, 5), (matrix.GlobalAvailable, matrix.TotalAllocated));
    }

    [Fact]
    public void Managed_vectors_go_to_the_processor_that_uses_fewest_and_the_highest_wins_a_tie()
    {
        VectorMatrix matrix = Matrix(3);
        for (int line = 0; line < 3; line++) Assert.Equal(Errno.None, matrix.ReserveManaged(CpuMask.FirstCpus(3)));
        Assert.Equal("2:20 1:20 0:20 2:21", string.Join(" ", Enumerable.Range(0, 4).Select(_ => Allocate(matrix, CpuMask.FirstCpus(3), managed: true))));
    }

    [Fact]
    public void A_managed_vector_is_paid_for_when_it_is_reserved()
    {
        VectorMatrix matrix = Matrix(2);
        matrix.ReserveManaged(CpuMask.Of(0, 1));
        Assert.Equal((201, 201, 402), (matrix.Available(0), matrix.Available(1), matrix.GlobalAvailable));
        Assert.Equal("1:20", Allocate(matrix, CpuMask.Of(0, 1), managed: true));
        Assert.Equal((201, 402, 1), (matrix.Available(1), matrix.GlobalAvailable, matrix.TotalAllocated));
        Assert.Equal("0:21", Allocate(matrix, CpuMask.Of(0))); // 0x20 is kept for the managed line
        matrix.Free(1, 0x20, managed: true);
        matrix.RemoveManaged(CpuMask.Of(0, 1));
        Assert.Equal((201, 202, 403, 1), (matrix.Available(0), matrix.Available(1), matrix.GlobalAvailable, matrix.TotalAllocated));
    }

    [Fact]
    public void A_full_processor_has_no_space_and_a_failed_managed_reservation_leaves_nothing_behind()
    {
        VectorMatrix matrix = Matrix(2);
        for (int i = 0; i < PerCpu - 1; i++) Assert.NotEqual("ENOSPC", Allocate(matrix, CpuMask.Of(1)));
        Assert.Equal("ENOSPC", Allocate(matrix, CpuMask.Of(1)));
        Assert.Equal("EINVAL", Allocate(matrix, CpuMask.Empty));
        Assert.Equal(Errno.ENOSPC, matrix.ReserveManaged(CpuMask.Of(0, 1)));
        Assert.Equal((202, 0), (matrix.Available(0), matrix.Managed(0)));
    }

    [Fact]
    public void An_offline_processor_is_not_asked_and_takes_its_vectors_out_of_the_sum()
    {
        VectorMatrix matrix = Matrix(2);
        matrix.Offline(1);
        Assert.Equal((202, 1), (matrix.GlobalAvailable, matrix.OnlineMaps));
        Assert.Equal("ENOSPC", Allocate(matrix, CpuMask.Of(1)));
        matrix.Online(1);
        Assert.Equal((404, 2), (matrix.GlobalAvailable, matrix.OnlineMaps));
    }

    [Fact]
    public void The_listing_is_the_kernels()
    {
        VectorMatrix matrix = Matrix(2);
        matrix.ReserveManaged(CpuMask.Of(1));
        matrix.Reserve();
        Allocate(matrix, CpuMask.Of(0));
        Allocate(matrix, CpuMask.Of(0));
        Assert.Equal("""
            Online bitmaps:        2
            Global available:    401
            Global reserved:       1
            Total allocated:       2
            System: 1: 128
             | CPU | avl | man | mac | act | vectors
                0   200     0     0    2  32-33
                1   201     1     0    0  

            """.ReplaceLineEndings("\n"), matrix.DebugShow());
    }

    [Fact]
    public void However_vectors_come_and_go_every_processors_books_balance()
    {
        var random = new RandomStream(7, "matrix");
        VectorMatrix matrix = Matrix(4);
        List<(int Cpu, int Vector, bool Managed, CpuMask Mask)> held = [];
        for (int step = 0; step < 20_000; step++)
        {
            CpuMask mask = CpuMask.Empty;
            for (int cpu = 0; cpu < 4; cpu++) mask = random.NextInt(2) == 0 ? mask : mask.With(cpu);
            if (random.NextInt(5) < 2 && held.Count > 0)
            {
                int at = random.NextInt(held.Count);
                (int cpu, int vector, bool managed, CpuMask reserved) = held[at];
                held.RemoveAt(at);
                matrix.Free(cpu, vector, managed);
                if (managed) matrix.RemoveManaged(reserved);
            }
            else if (random.NextInt(3) == 0)
            {
                if (mask.IsEmpty || matrix.ReserveManaged(mask) != Errno.None) continue;
                Assert.Equal(Errno.None, matrix.AllocateManaged(mask, out int cpu, out int vector));
                held.Add((cpu, vector, true, mask));
            }
            else if (matrix.Allocate(mask, reserved: false, out int cpu, out int vector) == Errno.None) held.Add((cpu, vector, false, mask));
            int available = 0;
            for (int cpu = 0; cpu < 4; cpu++)
            {
                available += matrix.Available(cpu);
                Assert.Equal(PerCpu - 1, matrix.Available(cpu) + matrix.Allocated(cpu) - matrix.ManagedAllocated(cpu) + matrix.Managed(cpu));
                Assert.Equal(held.Count(one => one.Cpu == cpu), matrix.Allocated(cpu));
            }
            Assert.Equal((available, held.Count), (matrix.GlobalAvailable, matrix.TotalAllocated));
            Assert.Equal(held.Count, held.Select(one => (one.Cpu, one.Vector)).Distinct().Count());
        }
    }
}
