using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Networking.Xdp;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Twin.Scenarios;
using Tophalf.Twin.Workloads;

namespace Tophalf.Twin;

/// <summary>Processes with AF_XDP sockets.</summary>
public sealed partial class MachineBuilder
{
    private void LoadXsk(XskWorkload spec)
    {
        NetDevice device = Nic(spec.To);
        Errno error = device.BindSocket(spec.Queue, spec.Bind, spec.OwnBytes == 0, spec.Frames, spec.Ring, out XskSocket? socket);
        if (socket is null)
        {
            string hint = error switch
            {
                Errno.EINVAL when spec.Queue < device.Queues => device.VirtualFunctions is { Count: > 0 }
                    ? $"{device.Model.Driver} takes no XDP program beside virtual functions; leave vfs out of {spec.To}"
                    : $"{device.Model.Driver} takes no XDP program without a queue to spare for each of {device.Queues}; write fewer queues",
                Errno.EINVAL => $"{spec.To} has queues 0 to {device.Queues - 1}; write one of them",
                Errno.EBUSY => $"queue {spec.Queue} of {spec.To} has a socket, or {spec.To} another program; write another queue",
                _ when device.Model.IsOldDriver => $"{device.Model.Driver} is older than NAPI, and the twin has no sockets for it; write another model",
                _ => $"the driver of {spec.To}, {device.Model.Driver}, has no zero-copy; write bind: copy",
            };
            throw new TuningException($"{_scenario.Path}:{spec.At.Line}:{spec.At.Column}: xdpsock: bind: {error.Text()}; {hint}");
        }
        var task = new XskTask(_machine.Kernel, "xdpsock", spec.Cpu, socket, spec.Wait, spec.Batch, spec.Forwards) { IsUserTask = true };
        if (spec.OwnBytes > 0) task.SendOwn(spec.OwnBytes, device.Peer is null ? NetDevice.NoFlow : device.FlowOf(FlowMaker.Make(1, new RandomStream(_machine.Seed, $"xdpsock/{spec.To}/{spec.Queue}")).First()));
        _machine.Kernel.AddTask(task, _machine.Kernel.Cpus[spec.Cpu]);
        _machine.Kernel.Wake(task, _machine.Kernel.Cpus[spec.Cpu], 0);
    }
}
