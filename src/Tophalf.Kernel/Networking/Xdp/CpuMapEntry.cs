using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Networking.Xdp;

/// <summary>struct bpf_cpu_map_entry: the queue to one processor (a ptr_ring), the bulk queues of those that fill it, and the thread that empties it.</summary>
internal sealed class CpuMapEntry
{
    /// <summary>CPU_MAP_BULK_SIZE.</summary>
    public const int BulkSize = 8;

    private readonly Kernel _kernel;
    private readonly NetDevice _device;
    private readonly int _mapId;
    private readonly Packet[][] _bulk;
    private readonly int[] _counts;
    private readonly PacketFifo _ring;

    public CpuMapEntry(Kernel kernel, NetDevice device, int mapId, Cpu cpu, int size)
    {
        _kernel = kernel;
        _device = device;
        _mapId = mapId;
        Cpu = cpu;
        Size = size;
        _bulk = [.. kernel.Cpus.Select(_ => new Packet[BulkSize])];
        _counts = new int[kernel.CpuCount];
        _ring = new PacketFifo(size);
        Thread = new CpuMapThread(kernel, device, this, mapId);
        kernel.AddTask(Thread, cpu);
        device.CpuMapThreads.Add(Thread);
    }

    public Cpu Cpu { get; }
    public int Size { get; }
    public CpuMapThread Thread { get; }

    /// <summary>Frames in the queue, and in the bulk queues of a processor and of all.</summary>
    public int Length => _ring.Count;
    public int Collected(Cpu cpu) => _counts[cpu.Id];
    public int Waiting => _ring.Count + _counts.Sum();

    /// <summary>bq_enqueue(): the ninth frame finds the bulk queue full.</summary>
    public void Enqueue(in Packet packet, Cpu cpu, long nowPs)
    {
        if (_counts[cpu.Id] == BulkSize) FlushToQueue(cpu, nowPs);
        _bulk[cpu.Id][_counts[cpu.Id]++] = packet;
    }

    /// <summary>bq_flush_to_queue(): what the queue has no room for is lost.</summary>
    public void FlushToQueue(Cpu cpu, long nowPs)
    {
        int count = _counts[cpu.Id], lost = 0;
        for (int i = 0; i < count; i++)
        {
            if (!TryProduce(_bulk[cpu.Id][i])) lost++;
        }
        _counts[cpu.Id] = 0;
        TraceEnqueue(cpu, count, lost, nowPs);
    }

    /// <summary>cpu_map_generic_redirect(): an skb goes into the queue at once, and its thread is woken.</summary>
    public void EnqueueAlone(in Packet packet, Cpu cpu, long nowPs)
    {
        bool fits = TryProduce(packet);
        if (fits) _kernel.Wake(Thread, cpu, nowPs);
        TraceEnqueue(cpu, fits ? 1 : 0, fits ? 0 : 1, nowPs);
    }

    private bool TryProduce(in Packet packet)
    {
        if (_ring.Count < Size)
        {
            _ring.Push(packet);
            return true;
        }
        _device.RedirectLeft(sent: 0, lost: 1);
        return false;
    }

    public Packet Consume()
    {
        Packet packet = _ring[0];
        _ring.Pop();
        return packet;
    }

    /// <summary>wake_up_process() by a processor that has put frames into the queue: its cost there.</summary>
    public long WakePs(Cpu from) => !Thread.IsSleeping || Thread.IsWaking ? _kernel.Costs.SpinLock : Thread.Cpu == from ? _kernel.Costs.WakeLocal : _kernel.Costs.WakeRemote;

    private void TraceEnqueue(Cpu cpu, int processed, int lost, long nowPs)
    {
        Tracing.Tracepoint traced = _kernel.Tracer.Events.XdpCpumapEnqueue;
        if (traced.IsEnabled) _kernel.Tracer.Record(traced, cpu, nowPs, irqsOff: false, 0, null, _mapId, (long)XdpAction.Redirect, cpu.Id, lost, processed, Cpu.Id);
    }
}
