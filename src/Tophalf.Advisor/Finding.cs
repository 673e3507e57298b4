namespace Tophalf.Advisor;

/// <summary>Advice with its evidence; it never acts by itself.</summary>
/// <param name="Id">Name of the rule, such as ring-drops.</param>
/// <param name="Says">What is the matter, one sentence.</param>
/// <param name="Because">The figures it rests on, each with the file a Linux machine shows it in.</param>
/// <param name="Try">Commands, or where no command helps sentences, best first.</param>
public sealed record Finding(string Id, Severity Severity, string Says, IReadOnlyList<string> Because, IReadOnlyList<string> Try);
