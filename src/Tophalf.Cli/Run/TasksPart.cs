using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Run;

/// <summary>The scenario's tasks: their time on a processor and waiting for one, and how late the timers they sleep on were, and they themselves.</summary>
internal static class TasksPart
{
    public static void Write(Page page, IReadOnlyList<TaskReport> tasks)
    {
        if (tasks.Count == 0)
            return;
        page.Heading("tasks, and from the timer's moment to its function and to the task");
        Grid columns = ColumnText.Of("", ">tasks", ">runs", ">waits", ">wake-ups", ">timer p50", ">p99", ">max", ">task p50", ">p99", ">max");
        foreach (TaskReport task in tasks)
        {
            columns.Add(
                task.Name, Figures.Count(task.Count), Figures.Percent(task.RuntimePct), Figures.Percent(task.WaitingPct), Figures.Count(task.Wakeups),
                Of(task.Timer, task.Timer.P50), Of(task.Timer, task.Timer.P99), Of(task.Timer, task.Timer.Max),
                Of(task.Thread, task.Thread.P50), Of(task.Thread, task.Thread.P99), Of(task.Thread, task.Thread.Max));
        }

        page.Write(columns);
    }

    /// <summary>A task that never sleeps is never late.</summary>
    private static string Of(LatencyReport latency, double us) => latency.Count > 0 ? Figures.Latency(us) : "";
}
