using System.Text.Json;
using Tophalf.Cli.Text;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>A kernel log, read for what it says of interrupts.</summary>
internal sealed class ShownKernelLog(KernelLog log) : Shown
{
    public override string Kind => "kernel_log";

    public override void Write(Page page, string name)
    {
        page.Line($"{name}: kernel log, {Figures.Plural(log.LineCount, "line")}, {Figures.Plural(log.Lines.Length, "message")} about interrupts", Look.Heading);
        KernelLogPage.WriteLines(page, log);
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("lines", log.LineCount);
        WriteLines(json, log);
    }

    public static void WriteLines(Utf8JsonWriter json, KernelLog log) => json.Array("messages", log.Lines, line =>
    {
        json.WriteStartObject();
        json.WriteString("id", line.Id);
        if (line.Irq is { } irq)
            json.WriteNumber("irq", irq);
        json.WriteNumber("line", line.Line);
        json.WriteString("text", line.Text);
        if (line.Handlers.Length > 0)
            json.Strings("handlers", line.Handlers);
        json.WriteEndObject();
    });
}
