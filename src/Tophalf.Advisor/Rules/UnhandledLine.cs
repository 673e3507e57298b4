using System.Text.RegularExpressions;
using Tophalf.Twin.Reports;

namespace Tophalf.Advisor.Rules;

/// <summary>The kernel turned a line off because no handler claimed 99,900 of 100,000 interrupts (kernel/irq/spurious.c).</summary>
internal sealed partial class UnhandledLine : IRule
{
    public IEnumerable<Finding> Look(RunReport report)
    {
        foreach (string message in report.Log)
        {
            if (NobodyCared().Match(message) is { Success: true } match)
                yield return Found(report, message, match.Groups["irq"].Value);
        }
    }

    private static Finding Found(RunReport report, string message, string irq)
    {
        InterruptReport? line = report.Interrupts.FirstOrDefault(line => line.Irq.ToString() == irq);
        string handlers = line is { Name.Length: > 0 } ? $"its handlers ({line.Name}) answered" : "its handlers answered";
        var because = new List<string> { $"dmesg: {message.Trim()}" };
        if (line != null)
            because.Add($"/proc/interrupts: irq {irq} ({line.Name}) came {line.Total:N0} times");
        return new Finding(
            "unhandled-line",
            Severity.Error,
            $"The kernel has turned irq {irq} off: {handlers} none of the interrupts that kept coming.",
            because,
            [
                $"cat /proc/irq/{irq}/spurious",
                $"find the device that raises irq {irq} and give it a driver, or disable it",
                "boot with irqpoll to keep the other devices of the line alive meanwhile",
            ]);
    }

    [GeneratedRegex(@"\birq (?<irq>\d{1,9}): nobody cared", RegexOptions.CultureInvariant)]
    private static partial Regex NobodyCared();
}
