using Tophalf.Linux;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Oracle.Linux;

/// <summary>Every script of tests/oracle/scripts prints the same on a real Linux and on the twin of its board. What each proves: docs/fidelity.md.</summary>
[Collection(OracleBoots.Collection)]
public class ScriptTests(OracleBoots boots)
{
    public static IEnumerable<object[]> Scripts => Cases(script => script.Board.Kernel == OracleKernel.Ordinary && !script.NeedsTestModule);
    public static IEnumerable<object[]> ModuleScripts => Cases(script => script.Board.Kernel == OracleKernel.Ordinary && script.NeedsTestModule);
    public static IEnumerable<object[]> RtScripts => Cases(script => script.Board.Kernel == OracleKernel.Rt);

    private static IEnumerable<object[]> Cases(Func<ScriptFile, bool> which) => ScriptFile.Names.Where(name => which(ScriptFile.Load(name))).Select(name => new object[] { name });

    [OracleTheory]
    [MemberData(nameof(Scripts))]
    public void A_script_cannot_tell_the_twin_from_Linux(string name) => Compare(name);

    [OracleTheory(needsTestModule: true)]
    [MemberData(nameof(ModuleScripts))]
    public void A_script_cannot_tell_the_twins_driver_from_a_module_in_C(string name) => Compare(name);

    [OracleTheory(needsTestModule: true, needsRt: true)]
    [MemberData(nameof(RtScripts))]
    public void A_script_cannot_tell_the_twin_from_a_kernel_with_PREEMPT_RT(string name) => Compare(name);

    private void Compare(string name)
    {
        ScriptFile script = ScriptFile.Load(name);
        CommandResult twin = Twin(script.Board).Run(script.Text);
        string? differences = ScriptComparison.Differences(script, RunOnOracle(script), twin);
        if (differences is not null && script.MayRunAgain) differences = ScriptComparison.Differences(script, RunOnOracle(script), twin);
        if (script.IsKnownToDiffer) Assert.False(differences is null, $"{name}: the machines agree now; take the line '# differs' out of the script and of docs/fidelity.md");
        else Assert.True(differences is null, differences);
    }

    /// <summary>The twin of the board, of the release the oracle has.</summary>
    private static TwinMachine Twin(OracleBoard board)
    {
        Scenario scenario = ScenarioFile.Load(TwinRuns.Shipped(board.Scenario));
        MachineSpec machine = scenario.Machine with
        {
            Cores = board.Cpus,
            Kernel = scenario.Machine.Kernel with { Release = board.Kernel.Release, Preemption = board.Kernel.Preemption, Cmdline = board.Parameters },
        };
        return MachineBuilder.Build(scenario with { Machine = machine }, seed: 1, exact: false);
    }

    private CommandResult RunOnOracle(ScriptFile script)
    {
        try
        {
            return boots[script.Board].Run(script.Text);
        }
        catch (OracleException)
        {
            boots.Discard(script.Board);
            throw;
        }
    }
}
