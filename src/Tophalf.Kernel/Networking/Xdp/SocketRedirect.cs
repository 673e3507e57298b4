using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking.Xdp;

/// <summary>The program that libxdp loads for AF_XDP sockets: packets of a queue that has one go there (xsks_map), others to the stack.</summary>
internal sealed class SocketRedirect(Kernel kernel, NetDevice device, XdpMode mode) : XdpRedirect(kernel, device, mode)
{
    private readonly XskSocket?[] _sockets = new XskSocket?[device.Controller.Vectors.Length];

    public override IReadOnlyList<BpfMap> Maps => [];

    /// <summary>Frames wait in the sockets, which outlive the program.</summary>
    public override int Waiting => 0;

    public void Add(XskSocket socket) => _sockets[socket.Queue] = socket;

    /// <summary>A socket that only sends stands in no map (xsk_map_update_elem wants a receive ring).</summary>
    public override bool Passes(int queue) => _sockets[queue] is not { Receives: true };

    /// <summary>The process sees nothing before the poll's end, and what it does changes no packet's cost.</summary>
    public override int Room(Cpu cpu) => IsGeneric ? 0 : int.MaxValue;

    public override long CostPs(in Packet packet, int queue, Cpu cpu)
    {
        XskSocket socket = _sockets[queue]!;
        long costPs = Kernel.Costs.XskReceive + (socket.IsZeroCopy ? 0 : (long)(packet.Bytes * Kernel.Costs.CopyPsPerByte));
        return IsGeneric ? costPs + Kernel.Costs.Wake(socket.Task, cpu) : costPs;
    }

    public override XdpAction Redirect(in Packet packet, int queue, Cpu cpu, long nowPs)
    {
        XskSocket socket = _sockets[queue]!;
        Errno error = socket.Receive(packet);
        Trace(cpu, nowPs, error, 0, 0, queue);
        if (error != Errno.None) return XdpAction.Drop;
        if (IsGeneric) socket.Flush(cpu, nowPs);
        return XdpAction.Redirect;
    }

    public override bool IsPending(Cpu cpu, int queue) => _sockets[queue] is { IsPending: true };
    public override long FlushPs(Cpu cpu, int queue) => _sockets[queue]!.FlushPs(cpu);
    public override void Flush(Cpu cpu, int queue, long nowPs) => _sockets[queue]!.Flush(cpu, nowPs);

    public override void Unload(long nowPs)
    {
        base.Unload(nowPs);
        foreach (XskSocket? socket in _sockets) socket?.Detach(nowPs);
    }
}
