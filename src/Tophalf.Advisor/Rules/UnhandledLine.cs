using System.Text.RegularExpressions;
using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>The kernel turned a line off. The log says so; without the log a line that stopped at the count of the detector is suspicious.</summary>
internal sealed partial class UnhandledLine() : Rule(new RuleCard(
    "unhandled-line",
    "When no handler claims 99,901 of 100,000 interrupts of a line, the kernel takes the line for stuck and turns it off. Every device on it then works by a poll every 100 ms, or not at all.",
    "The log says \"nobody cared\", or without a log a level-triggered or shared line came exactly 100,000 times.",
    "kernel/irq/spurious.c note_interrupt"))
{
    private const long DetectorWindow = 100_000;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        HashSet<int> said = [];
        foreach (string message in seen.Log)
        {
            if (NobodyCared().Match(message) is { Success: true } match && int.TryParse(match.Groups["irq"].ValueSpan, out int irq) && said.Add(irq))
                yield return TurnedOff(irq, seen.Line(irq), new Evidence("dmesg", message.Trim()));
        }
        if (seen.Log.Count > 0)
            yield break;
        foreach (ObservedLine line in seen.Lines.Where(line => line.SinceBoot == DetectorWindow && !said.Contains(line.Irq)))
            yield return Suspicious(line);
    }

    private Finding TurnedOff(int irq, ObservedLine? line, Evidence message)
    {
        string handlers = line is { Actions.Count: > 0 } ? $"its handlers ({line.Name}) answered" : "its handlers answered";
        Evidence[] evidence = line is null ? [message]
            : [message, new Evidence("/proc/interrupts", $"irq {irq} ({line.Name}) came {Wording.Count(line.SinceBoot)} times since boot")];
        return Found(
            Severity.Error, $"The kernel has turned irq {irq} off: {handlers} none of the interrupts that kept coming.", evidence, Remedies(irq));
    }

    private Finding Suspicious(ObservedLine line) => Found(
        Severity.Warning,
        $"irq {line.Irq} ({line.Name}) came exactly 100,000 times, as a line does that the kernel has turned off; its log would say \"nobody cared\".",
        [new Evidence("/proc/interrupts", $"irq {line.Irq} ({line.Name}) came {Wording.Count(line.SinceBoot)} times since boot")],
        ["dmesg | grep 'nobody cared'", .. Remedies(line.Irq)]);

    private static string[] Remedies(int irq) =>
    [
        $"cat /proc/irq/{irq}/spurious",
        $"find the device that raises irq {irq} and give it a driver, or disable it",
        "boot with irqpoll to keep the other devices of the line alive meanwhile",
    ];

    [GeneratedRegex(@"\birq (?<irq>\d{1,9}): nobody cared", RegexOptions.CultureInvariant)]
    private static partial Regex NobodyCared();
}
