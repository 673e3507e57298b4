namespace Tophalf.Advisor;

/// <summary>What is to be known of a rule before it looks at anything; docs/doctor.md lists all cards.</summary>
/// <param name="Id">Short name, such as ring-drops.</param>
/// <param name="Reason">Why what it finds is a matter, in two sentences at most.</param>
/// <param name="Threshold">From where on it speaks.</param>
/// <param name="Source">The kernel source, manual or paper that rules it.</param>
/// <param name="Needs">Without all of these it cannot see.</param>
public sealed record RuleCard(string Id, string Reason, string Threshold, string Source, params IReadOnlyList<Part> Needs);
