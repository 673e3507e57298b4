using Tophalf.Advisor;
using Tophalf.Advisor.Observations;
using Tophalf.Cli.Run;
using Tophalf.Cli.Text;

namespace Tophalf.Cli.Doctoring;

/// <summary>A diagnosis for people: what was found, and what could not be seen.</summary>
internal static class DiagnosisPage
{
    public static void Write(Page page, string machine, Observation seen, Diagnosis diagnosis)
    {
        string watched = seen.Seconds is { } seconds ? $"watched for {Figures.Duration(seconds)}" : "one moment, counts since boot";
        page.Line($"tophalf doctor: {machine}, {watched}, {Figures.Plural(Doctor.Cards.Count, "rule")}", Look.Heading);
        foreach (Finding finding in diagnosis.Findings)
        {
            page.Line();
            page.Item($"{FindingsPart.Word(finding.Severity)} {finding.Id}", finding.Says, FindingsPart.StyleOf(finding.Severity));
            foreach (Evidence evidence in finding.Evidence)
                page.Item("  because", evidence.ToString());
            page.Item("  reason ", $"{finding.Rule.Reason} ({finding.Rule.Source})");
            foreach (string remedy in finding.Try)
                page.Item("  try    ", remedy);
        }
        if (diagnosis.Findings.Count == 0)
        {
            page.Line();
            page.Line(diagnosis.Blind.Count == 0 ? "nothing found" : "nothing found in what could be seen");
        }
        WriteBlind(page, diagnosis);
    }

    private static void WriteBlind(Page page, Diagnosis diagnosis)
    {
        if (diagnosis.Blind.Count == 0)
            return;
        page.Heading("could not see");
        foreach (IGrouping<string, Blindness> part in diagnosis.Blind.GroupBy(blind => blind.Why))
            page.Item(part.Key, $"silent: {string.Join(", ", part.Select(blind => blind.RuleId))}");
    }
}
