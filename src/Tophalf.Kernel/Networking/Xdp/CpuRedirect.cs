using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking.Xdp;

/// <summary>
/// xdp_redirect_cpu.o: packets go to threads of other processors, before there is an skb. The maps cpus_available and cpus_count name the processors, cpu_map has an entry for each.
/// The file's own program hashes the pair of addresses; the twin's takes the card's hash of the flow.
/// </summary>
internal sealed class CpuRedirect : XdpRedirect
{
    private readonly XdpTarget _target;
    private readonly CpuMap _map;
    private readonly BpfArray _available, _count;
    private readonly uint[] _turn;

    // The entries each processor has frames for, in the order of their first.
    private readonly List<CpuMapEntry>[] _pending;

    public CpuRedirect(Kernel kernel, NetDevice device, XdpMode mode, XdpTarget target) : base(kernel, device, mode)
    {
        _target = target;
        _map = new CpuMap(kernel, "cpu_map", device, FlushAll);
        _available = new BpfArray(kernel, "cpus_available", kernel.CpuCount);
        _count = new BpfArray(kernel, "cpus_count", 1);
        _turn = new uint[kernel.CpuCount];
        _pending = [.. kernel.Cpus.Select(_ => new List<CpuMapEntry>())];
    }

    public override IReadOnlyList<BpfMap> Maps => [_map, _available, _count];

    /// <summary>Those in threads are the device's to count, since the threads outlive the map.</summary>
    public override int Waiting => 0;

    public override int Room(Cpu cpu)
    {
        if (IsGeneric) return 0;
        int room = CpuMapEntry.BulkSize;
        foreach (CpuMapEntry entry in _pending[cpu.Id]) room = Math.Min(room, CpuMapEntry.BulkSize - entry.Collected(cpu));
        return room;
    }

    public override long CostPs(in Packet packet, Cpu cpu)
    {
        long costPs = Kernel.Costs.XdpRedirect + Kernel.Costs.CpuMapEnqueue;
        return IsGeneric && Choose(packet, cpu) is { } entry ? costPs + entry.WakePs(cpu) : costPs;
    }

    public override XdpAction Redirect(in Packet packet, int queue, Cpu cpu, long nowPs)
    {
        CpuMapEntry? chosen = Choose(packet, cpu);
        if (_target == XdpTarget.EachCpuInTurn && ++_turn[cpu.Id] >= _count[0]) _turn[cpu.Id] = 0;
        if (chosen is not { } entry) return XdpAction.Aborted;
        if (IsGeneric) entry.EnqueueAlone(packet, cpu, nowPs);
        else
        {
            if (entry.Collected(cpu) == 0) _pending[cpu.Id].Add(entry);
            entry.Enqueue(packet, cpu, nowPs);
        }
        Trace(cpu, nowPs, Errno.None, 0, _map.Id, entry.Cpu.Id);
        return XdpAction.Redirect;
    }

    /// <summary>Null where cpus_count says there are none, or cpu_map has no such entry.</summary>
    private CpuMapEntry? Choose(in Packet packet, Cpu cpu)
    {
        if (_target == XdpTarget.FirstCpu) return _map[_available[0]];
        if (_count[0] == 0) return null;
        return _map[_available[_target == XdpTarget.EachCpuInTurn ? _turn[cpu.Id] : Device.Controller.HashOf(packet.Flow) % _count[0]]];
    }

    public override bool IsPending(Cpu cpu) => _pending[cpu.Id].Count > 0;

    public override long FlushPs(Cpu cpu)
    {
        long costPs = 0;
        foreach (CpuMapEntry entry in _pending[cpu.Id]) costPs += entry.WakePs(cpu);
        return costPs;
    }

    /// <summary>__cpu_map_flush(): the last entry that began to collect comes first.</summary>
    public override void Flush(Cpu cpu, long nowPs)
    {
        List<CpuMapEntry> pending = _pending[cpu.Id];
        for (int i = pending.Count - 1; i >= 0; i--)
        {
            pending[i].FlushToQueue(cpu, nowPs);
            Kernel.Wake(pending[i].Thread, cpu, nowPs);
        }
        pending.Clear();
    }

    public override void Unload(long nowPs)
    {
        FlushAll(nowPs);
        _map.Free();
        base.Unload(nowPs);
    }
}
