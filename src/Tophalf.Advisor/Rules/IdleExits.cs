using Tophalf.Advisor.Observations;
using Tophalf.Linux;

namespace Tophalf.Advisor.Rules;

/// <summary>A CPU sleeps deeper than the gaps between its interrupts allow.</summary>
internal sealed class IdleExits() : Rule(new RuleCard(
    "idle-exits",
    "A CPU that leaves a deep idle state pays its exit latency before the handler begins, every time. Where it stays shorter than the state's target residency, it pays in latency and does not even save energy.",
    $"A state with an exit latency of {SlowUs} us or more is entered {OftenPerSecond:0} times a second for less than its target residency on average.",
    "drivers/cpuidle; Documentation/admin-guide/pm/cpuidle.rst",
    Part.IdleStates, Part.Rates))
{
    private const long SlowUs = 10;
    private const double OftenPerSecond = 500;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        foreach (IGrouping<int, IdleState> state in seen.IdleStates.Where(state => IsConcerned(seen, state)).GroupBy(state => state.Index))
        {
            IdleState worst = state.MaxBy(one => one.Usage)!;
            string directory = $"{CpuTopology.Path}/cpu{worst.Cpu}/cpuidle/state{worst.Index}";
            yield return Found(
                Severity.Warning,
                $"{Wording.CpuNames([.. state.Select(one => one.Cpu)])} {(state.Count() == 1 ? "leaves" : "leave")} idle state {worst.Name} before it pays: {worst.LatencyUs} us of exit latency, {seen.PerSecond(worst.Usage)}.",
                [
                    new Evidence($"{directory}/usage, time", $"{Wording.Count(worst.Usage)} entries, {worst.TimeUs / Math.Max(1, worst.Usage)} us each"),
                    new Evidence($"{directory}/latency, residency", $"{worst.LatencyUs} us, {worst.ResidencyUs} us"),
                ],
                [.. state.Select(one => $"echo 1 > {CpuTopology.Path}/cpu{one.Cpu}/cpuidle/state{one.Index}/disable")]);
        }
    }

    private static bool IsConcerned(Observation seen, IdleState state) =>
        state.LatencyUs >= SlowUs && seen.Rate(state.Usage) >= OftenPerSecond && state.TimeUs < state.Usage * state.ResidencyUs;
}
