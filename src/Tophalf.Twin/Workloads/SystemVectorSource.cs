using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Twin.Workloads;

/// <summary>Sends one kind of system interrupt to one processor at the moments of an arrival process, from its neighbour, or from itself for IRQ work.</summary>
internal sealed class SystemVectorSource : SimEvent
{
    private readonly TwinMachine _machine;
    private readonly ArrivalProcess _arrivals;
    private readonly RandomStream _random;
    private readonly SystemVector _vector;
    private readonly Cpu _to, _from;

    public SystemVectorSource(TwinMachine machine, SystemVectorWorkload spec)
    {
        _machine = machine;
        _vector = spec.Vector;
        _arrivals = new PoissonArrivals(spec.PerSecond);
        _random = new RandomStream(machine.Seed, $"system/{spec.Vector}/{spec.Cpu}");
        Cpu[] cpus = machine.Kernel.Cpus;
        _to = cpus[spec.Cpu];
        _from = spec.Vector == SystemVector.IWI ? _to : cpus[(spec.Cpu + 1) % cpus.Length];
        machine.Events.Schedule(this, _arrivals.NextGapPs(_random));
    }

    protected override void Fire(long nowPs)
    {
        _machine.Events.Schedule(this, nowPs + _arrivals.NextGapPs(_random));
        switch (_vector)
        {
            case SystemVector.RES: _machine.Kernel.SendReschedule(_from, _to, nowPs); break;
            case SystemVector.CAL: _machine.Kernel.CallFunction(_from, _to, flushesTlb: false, nowPs); break;
            case SystemVector.TLB: _machine.Kernel.CallFunction(_from, _to, flushesTlb: true, nowPs); break;
            case SystemVector.IWI: _machine.Kernel.QueueIrqWork(_to, nowPs); break;
        }
    }
}
