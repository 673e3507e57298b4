using System.Text.Json;
using Tophalf.Advisor;
using Tophalf.Cli.Text;
using Tophalf.Twin.Host;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Run;

/// <summary>A twin of this machine for programs: the twin's run, and beside it what the host did.</summary>
internal static class HostJson
{
    public static void Write(Utf8JsonWriter json, HostObservation host, AdvisedRun run)
    {
        json.WriteStartObject();
        RunReport twin = run.Report;
        RunJson.WriteMembers(json, run);
        json.WriteStartObject("host");
        json.WriteString("release", host.Release);
        json.Number("observed_s", host.Seconds);
        json.Objects("interrupts", HostRate.Of(host, twin), rate =>
        {
            json.WriteString("label", rate.Label);
            json.WriteString("name", rate.Name);
            json.WriteNumber("cpu", rate.Cpu);
            json.Number("host_per_s", rate.Host);
            json.Number("twin_per_s", rate.Twin);
        });
        json.Objects("cpus", host.Cpus.Zip(host.CpuShares), pair =>
        {
            json.WriteNumber("cpu", pair.First);
            json.Number("user_pct", 100 * pair.Second.User);
            json.Number("system_pct", 100 * pair.Second.System);
            json.Number("hardirq_pct", 100 * pair.Second.Hardirq);
            json.Number("softirq_pct", 100 * pair.Second.Softirq);
            json.Number("iowait_pct", 100 * pair.Second.Iowait);
            json.Number("idle_pct", 100 * pair.Second.Idle);
        });
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
