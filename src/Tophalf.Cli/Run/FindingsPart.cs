using System.Text.Json;
using Spectre.Console;
using Tophalf.Advisor;
using Tophalf.Cli.Text;

namespace Tophalf.Cli.Run;

/// <summary>Findings with their evidence and what to try.</summary>
internal static class FindingsPart
{
    public static void Write(Page page, string heading, IReadOnlyList<Finding> findings)
    {
        page.Heading(findings.Count == 0 ? $"{heading}: none" : heading);
        foreach (Finding finding in findings)
        {
            page.Item(finding.Id, finding.Says, StyleOf(finding.Severity));
            foreach (string because in finding.Because)
                page.Item("  because", because);
            foreach (string remedy in finding.Try)
                page.Item("  try    ", remedy);
        }
    }

    /// <summary>A finding of a run: keys are added, never renamed.</summary>
    public static void Write(Utf8JsonWriter json, Finding finding)
    {
        json.WriteStartObject();
        WriteMembers(json, finding);
        json.WriteEndObject();
    }

    /// <summary>What is inside the object.</summary>
    public static void WriteMembers(Utf8JsonWriter json, Finding finding)
    {
        json.WriteString("id", finding.Id);
        json.WriteString("severity", Word(finding.Severity));
        json.WriteString("says", finding.Says);
        json.Strings("because", finding.Because);
        json.Strings("try", finding.Try);
    }

    public static string Word(Severity severity) => severity switch { Severity.Error => "error", Severity.Warning => "warning", _ => "info" };

    public static Style StyleOf(Severity severity) => severity switch
    {
        Severity.Error => Look.Bad,
        Severity.Warning => Look.Notable,
        _ => Style.Plain,
    };
}
