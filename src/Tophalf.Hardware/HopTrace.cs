namespace Tophalf.Hardware;

/// <summary>One stop of a followed interrupt: when, where, what changed, and what the stop cost (zero where time only passes elsewhere).</summary>
public readonly record struct Hop(long AtPs, string Place, string What, long CostPs);

/// <summary>The moments interrupt latency is measured between.</summary>
public readonly record struct HopSummary(long RaisedPs, long KernelEntryPs, long HandlerEntryPs);

/// <summary>
/// Follows one interrupt hop by hop. Every place an interrupt passes asks <see cref="Wants"/> first, so an idle trace costs one comparison;
/// the first interrupt of the named device after <paramref name="fromPs"/> is taken, and the trace ends when the task it woke runs
/// or the processor is back where it was.
/// </summary>
public sealed class HopTrace(string name, long fromPs)
{
    private enum State { Waiting, Raised, InFlight, OnProcessor, Done }

    private State _state = State.Waiting;
    private int _processor = -1;
    private int _vector = -1;
    private readonly List<Hop> _hops = [];

    public string Name { get; } = name;
    public IReadOnlyList<Hop> Hops => _hops;
    public bool IsDone => _state == State.Done;
    public bool HasStarted => _state != State.Waiting;

    /// <summary>The processor the followed interrupt was delivered to, or -1.</summary>
    public int Processor => _processor;

    /// <summary>The device raises: is this the interrupt to follow?</summary>
    public bool TryBegin(string deviceName, string actionName, long nowPs)
    {
        if (_state != State.Waiting || nowPs < fromPs || (deviceName != Name && actionName != Name)) return false;
        _state = State.Raised;
        return true;
    }

    /// <summary>True while the device that <see cref="TryBegin"/> accepted is raising and its message has not left yet.</summary>
    public bool IsRaising => _state == State.Raised;

    /// <summary>The message is under way to this processor with this vector; also for an IPI the followed interrupt causes.</summary>
    public void Address(int processor, int vector)
    {
        _state = State.InFlight;
        _processor = processor;
        _vector = vector;
    }

    public bool WantsDelivery(int processor, int vector) => _state == State.InFlight && processor == _processor && vector == _vector;

    /// <summary>The processor took the interrupt; what follows happens there.</summary>
    public void Taken() => _state = State.OnProcessor;

    public bool Wants(int processor) => _state == State.OnProcessor && processor == _processor;

    public void Add(long atPs, string place, string what, long costPs) => _hops.Add(new Hop(atPs, place, what, costPs));

    public void End() => _state = State.Done;

    /// <summary>The kernel's interrupt code begins, and then the driver's handler: the two ends of what is called interrupt latency.</summary>
    public long KernelEntryPs { get; set; } = -1;
    public long HandlerEntryPs { get; set; } = -1;

    public HopSummary? Summary => _hops.Count == 0 || KernelEntryPs < 0 ? null : new HopSummary(_hops[0].AtPs, KernelEntryPs, HandlerEntryPs);
}
