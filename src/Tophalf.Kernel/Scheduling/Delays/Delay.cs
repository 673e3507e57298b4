using Tophalf.Kernel.Irq;

namespace Tophalf.Kernel.Scheduling.Delays;

/// <summary>One cause of a delay: what the processor did instead, who did it (empty for nobody in particular), and for how long.</summary>
public sealed record DelayPart(Occupation Cause, string By, long Ps);

/// <summary>How long a wake-up or an interrupt took, and where the time went: the parts add up to the whole.</summary>
/// <param name="IsWakeup">A wake-up, from try_to_wake_up to the first instruction of the task; else an interrupt, from its request at the local APIC to the kernel's entry code.</param>
/// <param name="Who">The task, or the interrupt.</param>
/// <param name="Cpu">Where it ended.</param>
/// <param name="AtPs">When it began.</param>
/// <param name="TotalPs">The whole delay.</param>
/// <param name="Parts">Longest first.</param>
public sealed record Delay(bool IsWakeup, string Who, int Cpu, long AtPs, long TotalPs, IReadOnlyList<DelayPart> Parts);

/// <summary>Gathers the parts of a delay, by cause and by who is behind it.</summary>
internal sealed class DelaySum
{
    private readonly Dictionary<(Occupation, string), long> _ps = [];

    public void Add(Occupation kind, object? who, long ps)
    {
        var key = (kind, NameOf(who));
        _ps[key] = _ps.GetValueOrDefault(key) + ps;
    }

    public IReadOnlyList<DelayPart> Parts() =>
        [.. _ps.Select(pair => new DelayPart(pair.Key.Item1, pair.Key.Item2, pair.Value)).OrderByDescending(part => part.Ps).ThenBy(part => part.Cause).ThenBy(part => part.By, StringComparer.Ordinal)];

    public static string NameOf(object? who) => who switch
    {
        null => "",
        KernelTask task => task.Comm,
        IrqDesc { Actions.Count: > 0 } desc => $"irq {desc.Irq} {desc.Actions[0].Name}",
        IrqDesc desc => $"irq {desc.Irq}",
        _ => who.ToString() ?? "",
    };
}
