using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking.Xdp;

/// <summary>
/// A loaded program that redirects (net/core/filter.c, xdp_do_redirect and xdp_do_flush): frames collect in a bulk queue of the processor that polls, which nobody else sees,
/// and leave when that is full, and at the end of the poll. A program that runs on the skb hands each over at once.
/// </summary>
internal abstract class XdpRedirect(Kernel kernel, NetDevice device, XdpMode mode)
{
    private protected Kernel Kernel { get; } = kernel;
    private protected NetDevice Device { get; } = device;
    private protected bool IsGeneric { get; } = mode == XdpMode.Generic;

    /// <summary>What it was loaded with.</summary>
    public abstract IReadOnlyList<BpfMap> Maps { get; }

    /// <summary>Frames it holds on their way.</summary>
    public abstract int Waiting { get; }

    /// <summary>Frames that this processor can redirect, one after the other, before somebody else sees one of them.</summary>
    public abstract int Room(Cpu cpu);

    /// <summary>What the next frame costs beyond its receipt.</summary>
    public abstract long CostPs(in Packet packet, Cpu cpu);

    /// <summary>At the end of that cost: None where the map has taken it; Aborted (0) and no error where the map has no such entry.</summary>
    public abstract XdpAction Redirect(in Packet packet, int queue, Cpu cpu, long nowPs);

    /// <summary>Something has collected on this processor.</summary>
    public abstract bool IsPending(Cpu cpu);

    /// <summary>What handing it over costs.</summary>
    public abstract long FlushPs(Cpu cpu);

    /// <summary>xdp_do_flush(), at the end of that cost.</summary>
    public abstract void Flush(Cpu cpu, long nowPs);

    /// <summary>The program goes, or its map changes: what a running poll has collected leaves now.</summary>
    public void FlushAll(long nowPs)
    {
        foreach (Cpu cpu in Kernel.Cpus)
        {
            if (IsPending(cpu)) Flush(cpu, nowPs);
        }
    }

    /// <summary>Its last user is gone, and so are its maps.</summary>
    public virtual void Unload(long nowPs)
    {
        FlushAll(nowPs);
        foreach (BpfMap map in Maps) Kernel.Bpf.Remove(map);
    }

    private protected void Trace(Cpu cpu, long nowPs, Errno error, int toIndex, int mapId, long key)
    {
        Tracing.Tracepoints events = Kernel.Tracer.Events;
        Tracing.Tracepoint traced = error == Errno.None ? events.XdpRedirect : events.XdpRedirectErr;
        if (traced.IsEnabled)
            Kernel.Tracer.Record(traced, cpu, nowPs, irqsOff: false, 0, null, Device.XdpProgramId, (long)XdpAction.Redirect, Device.InterfaceIndex, -(int)error, toIndex, mapId, key);
    }
}
