using Tophalf.Advisor;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Advisor;

/// <summary>The cards of the rules and the page that lists them are one text.</summary>
public sealed class RuleCardTests
{
    [Fact]
    public void Every_rule_has_a_name_of_its_own_and_a_source()
    {
        Assert.Equal(Doctor.Cards.Count, Doctor.Cards.Select(card => card.Id).Distinct().Count());
        Assert.All(Doctor.Cards, card => Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", card.Id));
        Assert.All(Doctor.Cards, card => Assert.False(string.IsNullOrWhiteSpace(card.Source) || string.IsNullOrWhiteSpace(card.Threshold)));
    }

    [Fact]
    public void A_reason_is_at_most_two_sentences() =>
        Assert.All(Doctor.Cards, card => Assert.InRange(card.Reason.Split(". ").Length, 1, 2));

    [Fact]
    public void The_page_lists_each_rule_with_its_reason_threshold_and_source()
    {
        string[] rows = [.. Doctor.Cards.Select(card => $"| `{card.Id}` | {card.Reason} | {card.Threshold} | {card.Source} |")];
        string page = File.ReadAllText(TwinRuns.Shipped("docs/doctor.md"));
        string[] listed = [.. page.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))];
        Assert.Equal(rows, listed);
    }
}
