using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Twin.Workloads;

/// <summary>
/// The host of a virtual machine gives one of its processors' core to others: stretches of half to one and a half times the mean length, with exponential
/// pauses between them, so that they come to their share of the time.
/// </summary>
internal sealed class StealingHost : SimEvent
{
    private const int FirstRank = 1 << 23;

    private readonly TwinMachine _machine;
    private readonly Cpu _cpu;
    private readonly RandomStream _random;
    private readonly long _slicePs;
    private readonly PoissonArrivals _pauses;
    private long _untilPs;

    /// <param name="machine">The virtual machine.</param>
    /// <param name="cpu">Its processor.</param>
    /// <param name="share">Part of the time that others have the core, above 0 and below 1.</param>
    /// <param name="slicePs">Mean length of a stretch.</param>
    public StealingHost(TwinMachine machine, Cpu cpu, double share, long slicePs)
    {
        _machine = machine;
        _cpu = cpu;
        _slicePs = slicePs;
        _random = new RandomStream(machine.Seed, $"steal/{cpu.Id}");
        _pauses = new PoissonArrivals(share / (1 - share) * SimTime.Second / slicePs);
        Rank = FirstRank + cpu.Id;
        Next(machine.Events.NowPs);
    }

    private void Next(long fromPs)
    {
        long beginPs = fromPs + _pauses.NextGapPs(_random);
        _untilPs = beginPs + _slicePs / 2 + (long)(_random.NextUnit() * _slicePs);
        _machine.Events.Schedule(this, beginPs);
    }

    protected override void Fire(long nowPs)
    {
        if (nowPs < _untilPs && _cpu.TakeAway(_untilPs, nowPs) is { } againPs) _machine.Events.Schedule(this, againPs);
        else Next(Math.Max(_untilPs, nowPs));
    }
}
