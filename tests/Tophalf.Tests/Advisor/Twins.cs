using Tophalf.Advisor;
using Tophalf.Advisor.Observations;
using Tophalf.Linux;
using Tophalf.Tests.Corpus;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Tests.Advisor;

/// <summary>What doctor says of twins and of files from the corpus.</summary>
internal static class Twins
{
    /// <param name="yaml">A scenario, or the path of one that is shipped.</param>
    public static AdvisedRun Run(string yaml, string? command = null) => AdvisedRun.Of(Load(yaml), new RunOptions { Command = command });

    public static IReadOnlyList<Finding> Of(string yaml, string? command = null) => Run(yaml, command).Findings;

    public static Scenario Load(string yaml) => yaml.EndsWith(".yaml", StringComparison.Ordinal) ? ScenarioFile.Load(TwinRuns.Shipped(yaml)) : TwinRuns.Scenario(yaml);

    /// <summary>A machine of which there is one file of the corpus.</summary>
    public static IReadOnlyList<Finding> Corpus(string path, string name) => Doctor.Examine(Observer.Glance(new SavedTree().Add(path, CorpusFolder.Text(name)))).Findings;
}
