using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>The indirection table gives some queues more flows than others.</summary>
internal sealed class RssUneven() : Rule(new RuleCard(
    "rss-uneven",
    "The indirection table decides which queue a flow goes to, and a queue with more entries gets more of the flows. Tables stay as somebody left them when the number of queues changes.",
    $"The queue with most entries has {Uneven} times those of the queue with fewest, or a queue has none.",
    "Documentation/networking/scaling.rst (RSS); ethtool -x",
    Part.Ethtool))
{
    private const double Uneven = 2;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        foreach (ObservedInterface device in seen.Interfaces)
        {
            if (device.FlowTable is not { FlowTable.Length: > 0 } table || table["RX rings"]?.Number is not (> 1 and <= 4096 and { } rings) || table.FlowTable.Length < rings)
                continue;
            int[] entries = [.. Enumerable.Range(0, (int)rings).Select(ring => table.FlowTable.Count(entry => entry == ring))];
            int most = entries.Max(), fewest = entries.Min();
            if (fewest > 0 && most < Uneven * fewest)
                continue;
            yield return Found(
                Severity.Warning,
                $"The RSS table of {device.Name} is uneven: queue {Array.IndexOf(entries, most)} has {most} of {table.FlowTable.Length} entries, queue {Array.IndexOf(entries, fewest)} has {fewest}.",
                [new Evidence($"ethtool -x {device.Name}", $"entries per queue: {string.Join(" ", entries.Take(16))}{(entries.Length > 16 ? " …" : "")}")],
                $"ethtool -X {device.Name} equal {rings}");
        }
    }
}
