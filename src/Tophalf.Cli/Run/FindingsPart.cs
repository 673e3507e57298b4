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

    private static Style StyleOf(Severity severity) => severity switch
    {
        Severity.Error => Look.Bad,
        Severity.Warning => Look.Notable,
        _ => Style.Plain,
    };
}
