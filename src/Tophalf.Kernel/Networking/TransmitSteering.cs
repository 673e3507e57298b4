using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>
/// Which transmit queue a processor sends on (net/core/dev.c, get_xps_queue): the queues whose xps_cpus has it, by hash where there are several, by hash
/// among all where there are none. Drivers set it up so that processors take the queues in turn.
/// </summary>
public sealed class TransmitSteering(int cpus)
{
    private readonly Dictionary<int, CpuMask> _written = [];

    /// <summary>xps_cpus of a queue, of so many queues.</summary>
    public CpuMask CpusOf(int queue, int queues)
    {
        if (_written.TryGetValue(queue, out CpuMask written)) return written;
        CpuMask mask = CpuMask.Empty;
        for (int cpu = queue; cpu < cpus; cpu += queues) mask = mask.With(cpu);
        return mask;
    }

    internal void Set(int queue, CpuMask mask) => _written[queue] = mask;

    /// <summary>The driver sets its maps up anew.</summary>
    internal void Reset() => _written.Clear();

    internal int Choose(int cpu, int queues, uint hash)
    {
        if (_written.Count == 0) return cpu % queues;
        Span<int> candidates = stackalloc int[queues];
        int count = 0;
        for (int queue = 0; queue < queues; queue++)
        {
            if (CpusOf(queue, queues).Contains(cpu)) candidates[count++] = queue;
        }
        return count == 0 ? (int)((ulong)hash * (uint)queues >> 32) : candidates[(int)((ulong)hash * (uint)count >> 32)];
    }
}
