using System.Text.Json;
using Tophalf.Advisor;
using Tophalf.Advisor.Observations;
using Tophalf.Cli.Run;
using Tophalf.Cli.Text;

namespace Tophalf.Cli.Doctoring;

/// <summary>A diagnosis for programs. Keys are added, never renamed.</summary>
internal static class DiagnosisJson
{
    public static void Write(Utf8JsonWriter json, string machine, Observation seen, Diagnosis diagnosis)
    {
        json.WriteStartObject();
        json.WriteString("machine", machine);
        if (seen.Seconds is { } seconds)
            json.Number("watched_s", seconds);
        else
            json.WriteNull("watched_s");
        json.Objects("findings", diagnosis.Findings, finding =>
        {
            FindingsPart.WriteMembers(json, finding);
            json.Objects("evidence", finding.Evidence, evidence =>
            {
                json.WriteString("file", evidence.File);
                json.WriteString("shows", evidence.Shows);
            });
            json.WriteString("reason", finding.Rule.Reason);
            json.WriteString("threshold", finding.Rule.Threshold);
            json.WriteString("source", finding.Rule.Source);
        });
        json.Objects("could_not_see", diagnosis.Blind.GroupBy(blind => blind.Why), part =>
        {
            json.WriteString("why", part.Key);
            json.Strings("rules", part.Select(blind => blind.RuleId));
        });
        json.WriteEndObject();
    }
}
