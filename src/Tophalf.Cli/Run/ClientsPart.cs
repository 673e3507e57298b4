using Tophalf.Cli.Text;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Run;

/// <summary>Clients that wait for answers: how many they got, and how long they waited.</summary>
internal static class ClientsPart
{
    public static void Write(Page page, RunReport report, ClientsReport clients)
    {
        page.Heading($"clients of {clients.Device}");
        page.Items(Lines(report, clients));
    }

    private static IEnumerable<(string Name, string Value)> Lines(RunReport report, ClientsReport clients)
    {
        yield return ("clients", Figures.Count(clients.Count));
        yield return ("answered", $"{Figures.Count(clients.Answers)} ({Figures.Rate(clients.Answers / report.SimulatedS)})");
        if (clients.Repeats > 0)
            yield return ("repeated", $"{Figures.Count(clients.Repeats)}, {Figures.Count(clients.LateAnswers)} answers too late");
        if (clients.Latency is { Count: > 0 } latency)
            yield return ("waited", $"p50 {Figures.Latency(latency.P50)}, p99 {Figures.Latency(latency.P99)}, p99.9 {Figures.Latency(latency.P999)}, max {Figures.Latency(latency.Max)}");
    }
}
