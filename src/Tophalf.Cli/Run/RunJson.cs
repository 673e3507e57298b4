using System.Text.Json;
using Tophalf.Advisor;
using Tophalf.Cli.Text;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Run;

/// <summary>A run for programs. Keys are added, never renamed; of two runs of one scenario and seed only wall_s differs.</summary>
internal static class RunJson
{
    /// <summary>One object, written as a value.</summary>
    public static void Write(Utf8JsonWriter json, AdvisedRun run)
    {
        json.WriteStartObject();
        WriteMembers(json, run);
        json.WriteEndObject();
    }

    /// <summary>What is inside the object.</summary>
    public static void WriteMembers(Utf8JsonWriter json, AdvisedRun run)
    {
        RunReport report = run.Report;
        json.WriteString("scenario", report.Scenario);
        json.WriteNumber("seed", report.Seed);
        json.Number("simulated_s", report.SimulatedS);
        json.Number("wall_s", report.WallS);
        json.WriteString("costs", report.Costs);
        json.Objects("interrupts", report.Interrupts, line => WriteInterrupt(json, line));
        json.Objects("system_vectors", report.SystemVectors, row =>
        {
            json.WriteString("name", row.Name);
            json.Counts("per_cpu", row.PerCpu);
        });
        json.Objects("cpus", report.Cpus, cpu => WriteCpu(json, cpu));
        json.Objects("devices", report.Devices, device => WriteDevice(json, device));
        json.Objects("clients", report.Clients, clients => WriteClients(json, clients));
        json.Objects("streams", report.Streams, streams => WriteStreams(json, streams));
        json.Array("findings", run.Findings, finding => FindingsPart.Write(json, finding));
        DelaysJson.WriteMembers(json, report);
        json.Objects("hops", report.Hops, hop =>
        {
            json.WriteNumber("at_ps", hop.AtPs);
            json.WriteString("place", hop.Place);
            json.WriteString("what", hop.What);
            json.WriteNumber("cost_ps", hop.CostPs);
        });
        json.Strings("log", report.Log);
        json.WriteString("tuning_output", report.TuningOutput);
    }

    private static void WriteInterrupt(Utf8JsonWriter json, InterruptReport line)
    {
        json.WriteNumber("irq", line.Irq);
        json.WriteString("name", line.Name);
        json.WriteString("device", line.Device);
        json.WriteString("chip", line.Chip);
        json.WriteString("flow", line.Flow);
        json.WriteString("affinity", line.Affinity);
        json.WriteString("effective_affinity", line.EffectiveAffinity);
        json.WriteNumber("total", line.Total);
        json.Counts("per_cpu", line.PerCpu);
    }

    private static void WriteCpu(Utf8JsonWriter json, CpuReport cpu)
    {
        json.WriteNumber("cpu", cpu.Cpu);
        json.Number("user_pct", cpu.UserPct);
        json.Number("nice_pct", cpu.NicePct);
        json.Number("system_pct", cpu.SystemPct);
        json.Number("hardirq_pct", cpu.HardirqPct);
        json.Number("softirq_pct", cpu.SoftirqPct);
        json.Number("iowait_pct", cpu.IowaitPct);
        json.Number("steal_pct", cpu.StealPct);
        json.Number("idle_pct", cpu.IdlePct);
        json.Number("ksoftirqd_pct", cpu.KsoftirqdPct);
        json.WriteNumber("softnet_processed", cpu.SoftnetProcessed);
        json.WriteNumber("time_squeeze", cpu.TimeSqueeze);
    }

    private static void WriteClients(Utf8JsonWriter json, ClientsReport clients)
    {
        json.WriteString("device", clients.Device);
        json.WriteNumber("clients", clients.Count);
        json.WriteNumber("requests", clients.Requests);
        json.WriteNumber("answers", clients.Answers);
        json.WriteNumber("repeats", clients.Repeats);
        json.WriteNumber("late_answers", clients.LateAnswers);
        json.Latency("latency_us", clients.Latency);
    }

    private static void WriteStreams(Utf8JsonWriter json, StreamsReport streams)
    {
        json.WriteString("device", streams.Device);
        json.WriteNumber("streams", streams.Count);
        json.WriteNumber("segments", streams.Segments);
        json.WriteNumber("acknowledged", streams.Acknowledged);
        json.WriteNumber("acknowledged_bytes", streams.AcknowledgedBytes);
        json.WriteNumber("acks", streams.Acks);
        json.WriteNumber("timeouts", streams.Timeouts);
    }

    private static void WriteDevice(Utf8JsonWriter json, DeviceReport device)
    {
        json.WriteString("name", device.Name);
        json.WriteString("model", device.Model);
        json.WriteNumber("offered", device.Offered);
        json.WriteNumber("rx_packets", device.RxPackets);
        json.WriteNumber("rx_dropped", device.RxDropped);
        json.WriteNumber("socket_dropped", device.SocketDropped);
        json.WriteNumber("delivered", device.Delivered);
        json.WriteNumber("xdp_dropped", device.XdpDropped);
        json.WriteNumber("xdp_returned", device.XdpReturned);
        json.WriteNumber("xdp_redirected", device.XdpRedirected);
        json.WriteNumber("redirect_lost", device.RedirectLost);
        json.WriteNumber("waiting", device.Waiting);
        json.WriteNumber("tx_packets", device.TxPackets);
        json.WriteNumber("interrupts", device.Interrupts);
        json.Latency("latency_us", device.Latency);
        json.Objects("latency_buckets", device.LatencyBuckets, bucket =>
        {
            json.Number("from_us", bucket.FromUs);
            json.Number("to_us", bucket.ToUs);
            json.WriteNumber("count", bucket.Count);
        });
        json.Objects("queues", device.Queues, queue =>
        {
            json.WriteNumber("queue", queue.Queue);
            json.WriteNumber("irq", queue.Irq);
            json.WriteNumber("cpu", queue.Cpu);
            json.WriteNumber("packets", queue.Packets);
            json.WriteNumber("dropped", queue.Dropped);
            json.WriteNumber("interrupts", queue.Interrupts);
            json.WriteNumber("polls", queue.Polls);
        });
    }
}
