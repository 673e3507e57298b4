using Tophalf.Linux;

namespace Tophalf.Advisor.Observations;

/// <summary>Looks at a machine at one moment after the other and says what it saw.</summary>
public sealed class Observer
{
    private const int Samples = 8;

    private readonly List<TrafficSample> _samples = [];
    private Moment? _first;
    private Moment? _last;

    /// <summary>One more moment. Never throws: what the machine does not show is noted.</summary>
    public void Look(ILinuxMachine machine)
    {
        var moment = Moment.Take(machine);
        _first ??= moment;
        _last = moment;
    }

    /// <summary>What was seen between the first moment and the last, with the settings <paramref name="machine"/> has now. At least one moment is needed.</summary>
    public Observation Finish(ILinuxMachine machine)
    {
        Moment last = _last ?? throw new InvalidOperationException("Look was not called");
        return ObservationMaker.Make(machine, ReferenceEquals(_first, last) ? null : _first, last, _samples);
    }

    /// <summary>Watches a machine whose time passes while it sleeps.</summary>
    public static Observation Watch(ILinuxMachine machine, long durationNs)
    {
        var observer = new Observer();
        observer.Look(machine);
        for (int i = 1; i <= Samples; i++)
        {
            machine.Sleep(durationNs / Samples);
            if (TrafficSample.Take(machine) is { } sample)
                observer._samples.Add(sample);
        }
        observer.Look(machine);
        return observer.Finish(machine);
    }

    /// <summary>A machine of which there is one moment only.</summary>
    public static Observation Glance(ILinuxMachine machine)
    {
        var observer = new Observer();
        observer.Look(machine);
        return observer.Finish(machine);
    }
}
