using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Twin.Workloads;

/// <summary>Gives the boot processor an NMI at the moments of an arrival process: at its LINT1 pin, or by way of port 0x61, which says why.</summary>
internal sealed class NmiSignals : SimEvent
{
    private readonly TwinMachine _machine;
    private readonly NmiWorkload _spec;
    private readonly ArrivalProcess _arrivals;
    private readonly RandomStream _random;
    private readonly long _stopPs;

    public NmiSignals(TwinMachine machine, NmiWorkload spec, ArrivalProcess arrivals, int index)
    {
        _machine = machine;
        _spec = spec;
        _arrivals = arrivals;
        _random = new RandomStream(machine.Seed, $"nmi/{index}");
        _stopPs = spec.Arrivals.StopPs ?? SimTime.Never;
        machine.Events.Schedule(this, spec.Arrivals.StartPs + arrivals.NextGapPs(_random));
    }

    protected override void Fire(long nowPs)
    {
        if (nowPs >= _stopPs) return;
        _machine.Events.Schedule(this, nowPs + _arrivals.NextGapPs(_random));
        switch (_spec.From)
        {
            case NmiSource.Serr: _machine.SystemControl.RaiseSerr(nowPs); break;
            case NmiSource.IoCheck: _machine.SystemControl.RaiseIoCheck(nowPs); break;
            default:
                Cpu boot = _machine.Kernel.Cpus[0];
                boot.Apic.SetLint(1, true, nowPs);
                boot.Apic.SetLint(1, false, nowPs);
                break;
        }
    }
}
