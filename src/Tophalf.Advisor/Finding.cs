namespace Tophalf.Advisor;

/// <summary>Advice with its evidence; it never acts by itself.</summary>
/// <param name="Rule">The rule that found it.</param>
/// <param name="Says">What is the matter, one sentence.</param>
/// <param name="Evidence">The figures it rests on.</param>
/// <param name="Try">Commands, or where no command helps sentences, best first.</param>
public sealed record Finding(RuleCard Rule, Severity Severity, string Says, IReadOnlyList<Evidence> Evidence, IReadOnlyList<string> Try)
{
    /// <summary>Name of the rule, such as ring-drops.</summary>
    public string Id => Rule.Id;

    /// <summary>The evidence as text, each with the file a Linux machine shows it in.</summary>
    public IEnumerable<string> Because => Evidence.Select(evidence => evidence.ToString());
}
