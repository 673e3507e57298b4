using System.Text;
using Tophalf.Hardware.Controllers;
using Tophalf.Kernel.Tracing;
using Tophalf.Linux;

namespace Tophalf.Kernel.Irq;

/// <summary>
/// The per-CPU vector space and its books (kernel/irq/matrix.c). Every counter of a processor has its sum over the machine;
/// each operation changes both, side by side.
/// <para>
/// On every processor: available + (allocated − managed allocated) + managed + system vectors = 203. A managed vector is paid for when
/// it is reserved, an ordinary one when it is allocated. (Linux keeps no such books for what is reserved while a processor is away.)
/// </para>
/// </summary>
public sealed class VectorMatrix
{
    /// <summary>First device vector, and the first system vector after them (arch/x86/include/asm/irq_vectors.h).</summary>
    public const int AllocStart = 0x20, AllocEnd = 0xEB;

    private readonly CpuMap[] _maps;
    private readonly VectorTrace? _trace;
    private Bitmap256 _system;
    private int _systemInAlloc;

    public VectorMatrix(int cpus) : this(cpus, null)
    {
    }

    internal VectorMatrix(int cpus, VectorTrace? trace)
    {
        _maps = [.. Enumerable.Range(0, cpus).Select(_ => new CpuMap())];
        _trace = trace;
    }

    public int GlobalAvailable { get; private set; }
    public int GlobalReserved { get; private set; }
    public int TotalAllocated { get; private set; }
    public int OnlineMaps { get; private set; }

    public int Available(int cpu) => _maps[cpu].Available;
    public int Allocated(int cpu) => _maps[cpu].Allocated;
    public int Managed(int cpu) => _maps[cpu].Managed;
    public int ManagedAllocated(int cpu) => _maps[cpu].ManagedAllocated;

    /// <summary>irq_matrix_allocated: vectors in use on a processor that would have to find room elsewhere.</summary>
    public int Unmanaged(int cpu) => _maps[cpu].Allocated - _maps[cpu].ManagedAllocated;

    /// <summary>irq_matrix_available(cpudown): free vectors on the other processors.</summary>
    public int AvailableWithout(int cpu) => GlobalAvailable - _maps[cpu].Available;

    /// <summary>Takes a vector out of every processor's space; only before the processors come online.</summary>
    public void AssignSystem(int vector)
    {
        _system.Set(vector);
        if (vector is >= AllocStart and < AllocEnd) _systemInAlloc++;
        if (_trace is { Events.MatrixAssignSystem.IsEnabled: true })
            _trace.Add(_trace.Events.MatrixAssignSystem, vector, OnlineMaps, GlobalAvailable, GlobalReserved, TotalAllocated);
    }

    public void Online(int cpu)
    {
        CpuMap map = _maps[cpu];
        if (!map.IsInitialized)
        {
            map.Available = AllocEnd - AllocStart - (map.Managed + _systemInAlloc);
            map.IsInitialized = true;
        }
        map.IsOnline = true;
        GlobalAvailable += map.Available;
        OnlineMaps++;
        Trace(_trace?.Events.MatrixOnline);
    }

    public void Offline(int cpu)
    {
        CpuMap map = _maps[cpu];
        GlobalAvailable -= map.Available;
        map.IsOnline = false;
        OnlineMaps--;
        Trace(_trace?.Events.MatrixOffline);
    }

    /// <summary>The processor of <paramref name="mask"/> with the most free vectors, the lowest on a tie; -1 when none has any.</summary>
    private int FindBestCpu(CpuMask mask)
    {
        int best = -1, most = 0;
        foreach (int cpu in mask)
        {
            if (cpu >= _maps.Length) break;
            if (!_maps[cpu].IsOnline || _maps[cpu].Available <= most) continue;
            most = _maps[cpu].Available;
            best = cpu;
        }
        return best;
    }

    /// <summary>The online processor of <paramref name="mask"/> with the fewest managed vectors in use, the highest on a tie; -1 when none is online.</summary>
    private int FindBestManagedCpu(CpuMask mask)
    {
        int best = -1, fewest = int.MaxValue;
        foreach (int cpu in mask)
        {
            if (cpu >= _maps.Length) break;
            if (!_maps[cpu].IsOnline || _maps[cpu].ManagedAllocated > fewest) continue;
            fewest = _maps[cpu].ManagedAllocated;
            best = cpu;
        }
        return best;
    }

    /// <summary>The first vector that is neither a system's, nor in use, nor reserved; -1 when there is none.</summary>
    private int FirstFree(CpuMap map)
    {
        for (int vector = AllocStart; vector < AllocEnd; vector++)
        {
            if (!map.Used.Contains(vector) && !map.ManagedMap.Contains(vector) && !_system.Contains(vector)) return vector;
        }
        return -1;
    }

    private static int FirstReservedUnused(CpuMap map)
    {
        for (int vector = AllocStart; vector < AllocEnd; vector++)
        {
            if (map.ManagedMap.Contains(vector) && !map.Used.Contains(vector)) return vector;
        }
        return -1;
    }

    /// <summary>irq_matrix_assign: this vector of this processor, for a line whose vector is not free to choose.</summary>
    public void Assign(int cpu, int vector)
    {
        CpuMap map = _maps[cpu];
        map.Used.Set(vector);
        map.Allocated++;
        map.Available--;
        TotalAllocated++;
        GlobalAvailable--;
        Trace(_trace?.Events.MatrixAssign, vector, cpu);
    }

    /// <summary>irq_matrix_alloc. EINVAL for an empty mask, ENOSPC when no processor of it has a vector left.</summary>
    /// <param name="mask">Where the vector may be.</param>
    /// <param name="reserved">The line held a reservation, which is used up.</param>
    /// <param name="cpu">Where it is.</param>
    /// <param name="vector">Its number.</param>
    public Errno Allocate(CpuMask mask, bool reserved, out int cpu, out int vector)
    {
        vector = 0;
        cpu = -1;
        if (mask.IsEmpty) return Errno.EINVAL;
        cpu = FindBestCpu(mask);
        if (cpu < 0) return Errno.ENOSPC;
        CpuMap map = _maps[cpu];
        vector = FirstFree(map);
        if (vector < 0) return Errno.ENOSPC;
        map.Used.Set(vector);
        map.Allocated++;
        map.Available--;
        TotalAllocated++;
        GlobalAvailable--;
        if (reserved) GlobalReserved--;
        Trace(_trace?.Events.MatrixAlloc, vector, cpu);
        return Errno.None;
    }

    /// <summary>irq_matrix_reserve: a promise without a vector. False when more is promised than there is, which the caller reports; it is promised all the same.</summary>
    public bool Reserve()
    {
        bool isThere = GlobalReserved++ != GlobalAvailable;
        Trace(_trace?.Events.MatrixReserve);
        return isThere;
    }

    public void RemoveReserved()
    {
        GlobalReserved--;
        Trace(_trace?.Events.MatrixRemoveReserved);
    }

    /// <summary>irq_matrix_reserve_managed: a vector on every processor of the mask, online or not; ENOSPC, and nothing reserved, when one of them has none.</summary>
    public Errno ReserveManaged(CpuMask mask)
    {
        CpuMask done = CpuMask.Empty;
        foreach (int cpu in mask)
        {
            CpuMap map = _maps[cpu];
            int vector = FirstFree(map);
            if (vector < 0)
            {
                RemoveManaged(done);
                return Errno.ENOSPC;
            }
            map.ManagedMap.Set(vector);
            map.Managed++;
            done = done.With(cpu);
            Pay(map, 1);
            Trace(_trace?.Events.MatrixReserveManaged, vector, cpu);
        }
        return Errno.None;
    }

    public void RemoveManaged(CpuMask mask)
    {
        foreach (int cpu in mask)
        {
            CpuMap map = _maps[cpu];
            int vector = FirstReservedUnused(map);
            if (vector < 0) continue;
            map.ManagedMap.Clear(vector);
            map.Managed--;
            Pay(map, -1);
            Trace(_trace?.Events.MatrixRemoveManaged, vector, cpu);
        }
    }

    /// <summary>As in Linux only for a processor that is online; one that has never been works its books out when it comes.</summary>
    private void Pay(CpuMap map, int vectors)
    {
        if (!map.IsOnline) return;
        map.Available -= vectors;
        GlobalAvailable -= vectors;
    }

    /// <summary>irq_matrix_alloc_managed: one of the vectors reserved for managed lines; the books of free ones do not change.</summary>
    public Errno AllocateManaged(CpuMask mask, out int cpu, out int vector)
    {
        vector = 0;
        cpu = -1;
        if (mask.IsEmpty) return Errno.EINVAL;
        cpu = FindBestManagedCpu(mask);
        if (cpu < 0) return Errno.ENOSPC;
        CpuMap map = _maps[cpu];
        vector = FirstReservedUnused(map);
        if (vector < 0) return Errno.ENOSPC;
        map.Used.Set(vector);
        map.Allocated++;
        map.ManagedAllocated++;
        TotalAllocated++;
        Trace(_trace?.Events.MatrixAllocManaged, vector, cpu);
        return Errno.None;
    }

    public void Free(int cpu, int vector, bool managed)
    {
        CpuMap map = _maps[cpu];
        map.Used.Clear(vector);
        map.Allocated--;
        if (managed) map.ManagedAllocated--;
        if (map.IsOnline) TotalAllocated--;
        if (!managed)
        {
            map.Available++;
            if (map.IsOnline) GlobalAvailable++;
        }
        Trace(_trace?.Events.MatrixFree, vector, cpu);
    }

    /// <summary>The books after a change of one processor's.</summary>
    private void Trace(Tracepoint? traced, int bit, int cpu)
    {
        if (traced is not { IsEnabled: true }) return;
        CpuMap map = _maps[cpu];
        _trace!.Add(traced, bit, cpu, map.IsOnline ? 1 : 0, map.Available, map.Allocated, map.Managed, OnlineMaps, GlobalAvailable, GlobalReserved, TotalAllocated);
    }

    /// <summary>The books of the machine.</summary>
    private void Trace(Tracepoint? traced)
    {
        if (traced is { IsEnabled: true }) _trace!.Add(traced, OnlineMaps, GlobalAvailable, GlobalReserved, TotalAllocated);
    }

    /// <summary>The listing of /sys/kernel/debug/irq/domains (irq_matrix_debug_show).</summary>
    public string DebugShow()
    {
        var text = new StringBuilder();
        text.Append($"Online bitmaps:   {OnlineMaps,6}\nGlobal available: {GlobalAvailable,6}\nGlobal reserved:  {GlobalReserved,6}\nTotal allocated:  {TotalAllocated,6}\n");
        text.Append($"System: {_system.Count()}: {List(_system)}\n | CPU | avl | man | mac | act | vectors\n");
        for (int cpu = 0; cpu < _maps.Length; cpu++)
        {
            CpuMap map = _maps[cpu];
            if (map.IsOnline) text.Append($" {cpu,4}  {map.Available,4}  {map.Managed,4}  {map.ManagedAllocated,4} {map.Allocated,4}  {List(map.Used)}\n");
        }
        return text.ToString();
    }

    private static string List(Bitmap256 bits)
    {
        CpuMask numbers = CpuMask.Empty;
        for (int bit = 0; bit < 256; bit++)
        {
            if (bits.Contains(bit)) numbers = numbers.With(bit);
        }
        return numbers.ToList();
    }

    private sealed class CpuMap
    {
        public int Available, Allocated, Managed, ManagedAllocated;
        public bool IsOnline, IsInitialized;
        public Bitmap256 Used, ManagedMap;
    }
}
