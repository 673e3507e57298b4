using Tophalf.Hardware.Controllers;
using Tophalf.Linux;

namespace Tophalf.Kernel.Irq;

/// <summary>
/// The per-CPU vector space and its books (kernel/irq/matrix.c). Every counter of a processor has its sum over the machine;
/// each operation changes both, side by side.
/// </summary>
public sealed class VectorMatrix(int cpus)
{
    /// <summary>First device vector, and the first system vector after them (arch/x86/include/asm/irq_vectors.h).</summary>
    public const int AllocStart = 0x20, AllocEnd = 0xEB;

    private readonly CpuMap[] _maps = Enumerable.Range(0, cpus).Select(_ => new CpuMap()).ToArray();
    private Bitmap256 _system;
    private int _systemInAlloc;

    public int GlobalAvailable { get; private set; }
    public int TotalAllocated { get; private set; }
    public int OnlineMaps { get; private set; }

    public int Available(int cpu) => _maps[cpu].Available;
    public int Allocated(int cpu) => _maps[cpu].Allocated;

    /// <summary>Takes a vector out of every processor's space; only before the processors come online.</summary>
    public void AssignSystem(int vector)
    {
        _system.Set(vector);
        if (vector is >= AllocStart and < AllocEnd) _systemInAlloc++;
    }

    public void Online(int cpu)
    {
        CpuMap map = _maps[cpu];
        map.Available = AllocEnd - AllocStart - _systemInAlloc - map.Allocated;
        map.IsOnline = true;
        GlobalAvailable += map.Available;
        OnlineMaps++;
    }

    /// <summary>The processor of <paramref name="mask"/> with the most free vectors, the lowest on a tie; ENOSPC when none has any.</summary>
    private int FindBestCpu(CpuMask mask)
    {
        int best = -1, most = 0;
        foreach (int cpu in mask)
        {
            if (cpu >= _maps.Length || !_maps[cpu].IsOnline || _maps[cpu].Available <= most) continue;
            most = _maps[cpu].Available;
            best = cpu;
        }
        return best;
    }

    public Errno Allocate(CpuMask mask, out int cpu, out int vector)
    {
        vector = 0;
        cpu = -1;
        if (mask.IsEmpty) return Errno.EINVAL;
        cpu = FindBestCpu(mask);
        if (cpu < 0) return Errno.ENOSPC;
        CpuMap map = _maps[cpu];
        for (vector = AllocStart; vector < AllocEnd; vector++)
        {
            if (!map.Used.Contains(vector) && !_system.Contains(vector)) break;
        }
        if (vector == AllocEnd) return Errno.ENOSPC;
        map.Used.Set(vector);
        map.Allocated++;
        TotalAllocated++;
        map.Available--;
        GlobalAvailable--;
        return Errno.None;
    }

    public void Free(int cpu, int vector)
    {
        CpuMap map = _maps[cpu];
        map.Used.Clear(vector);
        map.Allocated--;
        TotalAllocated--;
        map.Available++;
        if (map.IsOnline) GlobalAvailable++;
    }

    private sealed class CpuMap
    {
        public int Available, Allocated;
        public bool IsOnline;
        public Bitmap256 Used;
    }
}
