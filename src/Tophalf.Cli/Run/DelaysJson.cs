using System.Text.Json;
using Tophalf.Cli.Text;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Run;

/// <summary>Tasks, wake-up and interrupt latencies and their worst cases as JSON.</summary>
internal static class DelaysJson
{
    public static void WriteMembers(Utf8JsonWriter json, RunReport report)
    {
        json.Objects("tasks", report.Tasks, task =>
        {
            json.WriteString("name", task.Name);
            json.WriteNumber("count", task.Count);
            json.Number("runtime_pct", task.RuntimePct);
            json.Number("waiting_pct", task.WaitingPct);
            json.WriteNumber("wakeups", task.Wakeups);
            json.Latency("timer_latency_us", task.Timer);
            json.Latency("thread_latency_us", task.Thread);
        });
        json.Latency("wakeup_latency_us", report.WakeupLatency);
        json.Latency("interrupt_latency_us", report.InterruptLatency);
        json.Objects("delays", report.Delays, delay =>
        {
            json.WriteString("kind", delay.Kind);
            json.WriteString("who", delay.Who);
            json.WriteNumber("cpu", delay.Cpu);
            json.Number("at_us", delay.AtUs);
            json.Number("total_ns", delay.TotalNs);
            json.Objects("parts", delay.Parts, part =>
            {
                json.WriteString("cause", part.Cause);
                json.WriteString("by", part.By);
                json.Number("ns", part.Ns);
            });
        });
    }
}
