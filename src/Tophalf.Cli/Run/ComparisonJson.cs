using System.Text.Json;
using Tophalf.Cli.Text;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Run;

/// <summary>Two runs for programs: base and changed in full, and the changed figure less the base's for those that people compare.</summary>
internal static class ComparisonJson
{
    public static void Write(Utf8JsonWriter json, Comparison comparison)
    {
        json.WriteStartObject();
        json.WriteString("command", comparison.Command);
        json.WritePropertyName("base");
        RunJson.Write(json, comparison.BaseRun);
        json.WritePropertyName("changed");
        RunJson.Write(json, comparison.ChangedRun);
        json.WriteStartObject("difference");
        json.Array("devices", comparison.Devices, pair => WriteDevice(json, comparison, pair.Base, pair.Changed));
        json.Objects("clients", comparison.Clients, pair =>
        {
            json.WriteString("device", pair.Base.Device);
            json.Number("answers_per_s", Comparison.PerSecond(comparison.Changed, pair.Changed.Answers) - Comparison.PerSecond(comparison.Base, pair.Base.Answers));
            json.WriteNumber("repeats", pair.Changed.Repeats - pair.Base.Repeats);
            WriteLatency(json, pair.Base.Latency, pair.Changed.Latency);
        });
        json.Objects("streams", comparison.Streams, pair =>
        {
            json.WriteString("device", pair.Base.Device);
            json.Number("acknowledged_per_s", Comparison.PerSecond(comparison.Changed, pair.Changed.Acknowledged) - Comparison.PerSecond(comparison.Base, pair.Base.Acknowledged));
            json.Number("acks_per_s", Comparison.PerSecond(comparison.Changed, pair.Changed.Acks) - Comparison.PerSecond(comparison.Base, pair.Base.Acks));
            json.Number("segments_per_piece", Comparison.SegmentsPerPiece(comparison.Changed, pair.Changed) - Comparison.SegmentsPerPiece(comparison.Base, pair.Base));
        });
        json.WriteStartObject("cores");
        foreach (((string cls, double before), (_, double after)) in Comparison.Cores(comparison.Base).Zip(Comparison.Cores(comparison.Changed)))
            json.Number(cls, after - before);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteDevice(Utf8JsonWriter json, Comparison comparison, DeviceReport before, DeviceReport after)
    {
        json.WriteStartObject();
        json.WriteString("name", before.Name);
        json.WriteNumber("delivered", after.Delivered - before.Delivered);
        json.WriteNumber("rx_dropped", after.RxDropped - before.RxDropped);
        json.WriteNumber("socket_dropped", after.SocketDropped - before.SocketDropped);
        json.Number("interrupts_per_s", Comparison.PerSecond(comparison.Changed, after.Interrupts) - Comparison.PerSecond(comparison.Base, before.Interrupts));
        json.Number("packets_per_interrupt", Comparison.PacketsPerInterrupt(after) - Comparison.PacketsPerInterrupt(before));
        WriteLatency(json, before.Latency, after.Latency);
        json.WriteEndObject();
    }

    private static void WriteLatency(Utf8JsonWriter json, LatencyReport before, LatencyReport after)
    {
        json.WriteStartObject("latency_us");
        json.Number("p50", after.P50 - before.P50);
        json.Number("p99", after.P99 - before.P99);
        json.Number("p999", after.P999 - before.P999);
        json.Number("max", after.Max - before.Max);
        json.WriteEndObject();
    }
}
