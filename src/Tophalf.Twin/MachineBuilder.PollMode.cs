using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Networking.PollMode;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Twin;

/// <summary>Cards that the kernel has given away, and the applications that poll them.</summary>
public sealed partial class MachineBuilder
{
    private NetworkController Controller(string name) => _machine.PollModePorts.Find(port => port.Name == name)?.Controller ?? Nic(name).Controller;

    private void LoadPollMode(PollModeWorkload spec)
    {
        List<PollModePort> ports = [.. spec.Ports.Select(name => _machine.PollModePorts.First(port => port.Name == name))];
        var tasks = new List<PollModeTask>();
        for (int queue = 0; queue < spec.Cpus.Count; queue++)
        {
            int cpu = spec.Cpus[queue];
            // What DPDK calls its threads, but for the first, which has the program's name.
            var task = new PollModeTask(_machine.Kernel, queue == 0 ? "testpmd" : $"dpdk-worker{cpu}", cpu, ports, queue, spec.Burst, spec.Forwards)
            {
                IsUserTask = true,
                SleepsAfter = spec.SleepsAfter,
            };
            tasks.Add(task);
            _machine.Kernel.AddTask(task, _machine.Kernel.Cpus[cpu]);
            _machine.Kernel.Wake(task, _machine.Kernel.Cpus[cpu], 0);
        }
        if (spec.SleepsAfter == 0) return;
        foreach (PollModePort port in ports) port.RequestInterrupts(_machine.Kernel, tasks);
    }
}
