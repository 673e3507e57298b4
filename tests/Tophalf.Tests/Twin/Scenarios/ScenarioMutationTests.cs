using FsCheck;
using FsCheck.Fluent;
using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Twin.Scenarios;

/// <summary>Scenarios somebody has damaged: read, or refused in order, but never a crash.</summary>
public sealed class ScenarioMutationTests
{
    /// <summary>What means something to YAML, and what comes with copied text.</summary>
    private const string Replacements = "[]{}:,-?#&*!|>'\"%@\\ \n\t\r~=.0aU\0\u0085\u2028\uFEFF\uD800é";

    private enum Damage
    {
        Delete,
        Duplicate,
        Replace,
        Cut,
    }

    private sealed record Mutation(Damage Damage, int Place, int Length, char Letter)
    {
        public string Apply(string text)
        {
            if (text.Length == 0)
                return text;
            int at = Place % text.Length;
            int end = Math.Min(at + Length, text.Length);
            return Damage switch
            {
                Damage.Delete => text[..at] + text[end..],
                Damage.Duplicate => text[..end] + text[at..],
                Damage.Replace => text[..at] + Letter + text[(at + 1)..],
                _ => text[..at],
            };
        }
    }

    [Fact]
    public void A_damaged_scenario_is_read_or_refused_with_places_in_it()
    {
        Gen<Mutation> mutation =
            from damage in Gen.Frequency((3, Gen.Constant(Damage.Delete)), (3, Gen.Constant(Damage.Duplicate)),
                (5, Gen.Constant(Damage.Replace)), (1, Gen.Constant(Damage.Cut)))
            from place in Gen.Choose(0, 10_000)
            from length in Gen.Choose(1, 12)
            from letter in Gen.Elements(Replacements.ToCharArray())
            select new Mutation(damage, place, length, letter);
        Gen<string> damaged =
            from original in Gen.Elements(ScenarioExamples.Flood, ScenarioExamples.EveryKey)
            from mutations in mutation.NonEmptyListOf()
            select mutations.Take(8).Aggregate(original, (text, next) => next.Apply(text));

        Prop.ForAll(damaged.ToArbitrary(), IsReadOrRefused).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    /// <summary>Found by damage of this sort: YamlDotNet answers these with exceptions that are not its own, or with events that do not nest.</summary>
    [Theory]
    [InlineData("machine: {cores: 8\nrun: 2s", "s.yaml:2:1: not YAML: this does not follow from what stands before; check brackets, quotes and indentation up to here")]
    [InlineData("run: \"\\Ub00b0000\"", "s.yaml:1:17: not YAML: this does not follow from what stands before; check brackets, quotes and indentation up to here")]
    [InlineData("- :", "s.yaml:2:1: not YAML: a key or a value is missing; check brackets, quotes and indentation up to here")]
    [InlineData("? :", "s.yaml:2:1: not YAML: a key or a value is missing; check brackets, quotes and indentation up to here")]
    public void Text_the_yaml_parser_stumbles_over_is_refused_in_order(string text, string says) =>
        Assert.Equal(says, Assert.Throws<ScenarioException>(() => ScenarioFile.Parse(text, "s.yaml")).Message);

    private static bool IsReadOrRefused(string text)
    {
        try
        {
            return ScenarioFile.Parse(text, "s.yaml").Machine.Cpus is >= 1 and <= MachineSpec.MaxCpus;
        }
        catch (ScenarioException refused)
        {
            // A place is within the text, or right behind its last line.
            int lines = 2 + text.Count(letter => letter is '\n' or '\r' or '\u0085' or '\u2028');
            return refused.Problems.Count > 0 && refused.Problems.All(problem =>
                problem.At.Line >= 1 && problem.At.Line <= lines && problem.At.Column >= 1
                && problem.Says.Contains("; ") && !problem.Says.AsSpan().ContainsAny('\n', '\r'));
        }
    }
}
