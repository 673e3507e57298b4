using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Text;

/// <summary>JSON as Tophalf prints it: indented, line ends as on Unix, numbers rounded to a millionth, the same bytes on every machine.</summary>
internal static class JsonText
{
    private const int Decimals = 6;

    public static string Of(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        // Names in the output are the reader's own and shown as they are; nothing here ends up in a web page.
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)) + "\n";
    }

    /// <summary>JSON has no number for "not a number"; null stands for it.</summary>
    public static void Number(this Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsFinite(value))
            writer.WriteNumber(name, Math.Round(value, Decimals));
        else
            writer.WriteNull(name);
    }

    public static void Array<T>(this Utf8JsonWriter writer, string name, IEnumerable<T> items, Action<T> write)
    {
        writer.WriteStartArray(name);
        foreach (T item in items)
            write(item);
        writer.WriteEndArray();
    }

    /// <summary>An array of objects; <paramref name="write"/> writes what is inside one.</summary>
    public static void Objects<T>(this Utf8JsonWriter writer, string name, IEnumerable<T> items, Action<T> write) => writer.Array(name, items, item =>
    {
        writer.WriteStartObject();
        write(item);
        writer.WriteEndObject();
    });

    public static void Latency(this Utf8JsonWriter writer, string name, LatencyReport latency)
    {
        writer.WriteStartObject(name);
        writer.Number("p50", latency.P50);
        writer.Number("p99", latency.P99);
        writer.Number("p999", latency.P999);
        writer.Number("max", latency.Max);
        writer.Number("mean", latency.Mean);
        writer.WriteNumber("count", latency.Count);
        writer.WriteEndObject();
    }

    public static void Strings(this Utf8JsonWriter writer, string name, IEnumerable<string> items) =>
        writer.Array(name, items, item => writer.WriteStringValue(item));

    public static void Counts(this Utf8JsonWriter writer, string name, IEnumerable<long> items) =>
        writer.Array(name, items, item => writer.WriteNumberValue(item));
}
