using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking.Xdp;

/// <summary>
/// xdp_redirect_map.o: everything goes out of the device in the first entry of tx_port. Sixteen frames collect for it (kernel/bpf/devmap.c, bq_enqueue and bq_xmit_all); the
/// seventeenth finds the queue full and has it put into the other card's ring first, whose doorbell waits for the end of the poll.
/// </summary>
internal sealed class DeviceRedirect : XdpRedirect
{
    /// <summary>DEV_MAP_BULK_SIZE.</summary>
    private const int BulkSize = 16;

    private const int Entries = 100;

    private readonly DevMap _map;
    private readonly Packet[][] _bulk;
    private readonly int[] _counts;

    public DeviceRedirect(Kernel kernel, NetDevice device, XdpMode mode) : base(kernel, device, mode)
    {
        _map = new DevMap(kernel, "tx_port", Entries, FlushAll);
        _bulk = [.. kernel.Cpus.Select(_ => new Packet[BulkSize])];
        _counts = new int[kernel.CpuCount];
    }

    public override IReadOnlyList<BpfMap> Maps => [_map];
    public override int Waiting => _counts.Sum();

    public override int Room(Cpu cpu) => IsGeneric ? 0 : BulkSize - _counts[cpu.Id];

    public override long CostPs(in Packet packet, Cpu cpu)
    {
        KernelCosts costs = Kernel.Costs;
        if (IsGeneric) return costs.XdpRedirect + costs.XdpTransmit + costs.DeviceWrite;
        return costs.XdpRedirect + (_counts[cpu.Id] == BulkSize ? BulkSize * costs.XdpTransmit : 0);
    }

    public override XdpAction Redirect(in Packet packet, int queue, Cpu cpu, long nowPs)
    {
        if (_map[0] is not { } target) return XdpAction.Aborted;
        if (IsGeneric)
        {
            Trace(cpu, nowPs, Errno.None, target.InterfaceIndex, _map.Id, 0);
            Device.RedirectedBySkb(packet, target, cpu, nowPs);
            return XdpAction.Redirect;
        }
        if (!target.TakesRedirected)
        {
            Trace(cpu, nowPs, Errno.EOPNOTSUPP, target.InterfaceIndex, _map.Id, 0);
            return XdpAction.Drop;
        }
        if (_counts[cpu.Id] == BulkSize) TransmitAll(target, cpu, isEnd: false, nowPs);
        _bulk[cpu.Id][_counts[cpu.Id]++] = packet;
        Trace(cpu, nowPs, Errno.None, target.InterfaceIndex, _map.Id, 0);
        return XdpAction.Redirect;
    }

    public override bool IsPending(Cpu cpu) => _counts[cpu.Id] > 0;

    public override long FlushPs(Cpu cpu) => _counts[cpu.Id] * Kernel.Costs.XdpTransmit + Kernel.Costs.DeviceWrite;

    public override void Flush(Cpu cpu, long nowPs) => TransmitAll(_map[0]!, cpu, isEnd: true, nowPs);

    /// <summary>bq_xmit_all(): what the other card does not take is lost.</summary>
    private void TransmitAll(NetDevice target, Cpu cpu, bool isEnd, long nowPs)
    {
        ReadOnlySpan<Packet> frames = _bulk[cpu.Id].AsSpan(0, _counts[cpu.Id]);
        Errno error = target.XdpTransmit(cpu, frames, Device, isEnd, nowPs, out int sent);
        _counts[cpu.Id] = 0;
        Device.RedirectLeft(sent, frames.Length - sent);
        Tracing.Tracepoint traced = Kernel.Tracer.Events.XdpDevmapXmit;
        if (traced.IsEnabled)
        {
            Kernel.Tracer.Record(traced, cpu, nowPs, irqsOff: false, 0, null,
                Device.InterfaceIndex, (long)XdpAction.Redirect, target.InterfaceIndex, frames.Length - sent, sent, -(int)error);
        }
    }
}
