using Tophalf.Advisor.Observations;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Advisor;

/// <summary>A run of a twin and what the rules say of it, read from the twin's own files as from any machine's.</summary>
public sealed record AdvisedRun(RunReport Report, IReadOnlyList<Finding> Findings)
{
    /// <summary>Throws as <see cref="TwinRunner.Run"/> does.</summary>
    public static AdvisedRun Of(Scenario scenario, RunOptions options, Action<double>? progress = null)
    {
        var observer = new Observer();
        Observation? seen = null;
        bool started = false;
        RunReport report = TwinRunner.Run(scenario, options, progress, machine =>
        {
            observer.Look(machine);
            if (started)
                seen = observer.Finish(machine);
            started = true;
        });
        return new AdvisedRun(report, Doctor.Examine(seen!).Findings);
    }
}
