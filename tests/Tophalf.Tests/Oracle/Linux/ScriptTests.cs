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
    public static IEnumerable<object[]> Scripts => Cases(OracleKernel.Ordinary, needsTestModule: false);
    public static IEnumerable<object[]> ModuleScripts => Cases(OracleKernel.Ordinary, needsTestModule: true);
    public static IEnumerable<object[]> RtScripts => Cases(OracleKernel.Rt);

    /// <summary>A case for each board a script names that runs this kernel.</summary>
    private static IEnumerable<object[]> Cases(OracleKernel kernel, bool? needsTestModule = null) =>
        from script in ScriptFile.Names.Select(ScriptFile.Load)
        where needsTestModule is null || script.NeedsTestModule == needsTestModule
        from board in script.Boards
        where board.Kernel == kernel
        select new object[] { script.Name, board.Name };

    [OracleTheory]
    [MemberData(nameof(Scripts))]
    public void A_script_cannot_tell_the_twin_from_Linux(string name, string board) => Compare(name, board);

    [OracleTheory(needsTestModule: true)]
    [MemberData(nameof(ModuleScripts))]
    public void A_script_cannot_tell_the_twins_driver_from_a_module_in_C(string name, string board) => Compare(name, board);

    [OracleTheory(needsTestModule: true, needsRt: true)]
    [MemberData(nameof(RtScripts))]
    public void A_script_cannot_tell_the_twin_from_a_kernel_with_PREEMPT_RT(string name, string board) => Compare(name, board);

    private void Compare(string name, string boardName)
    {
        ScriptFile script = ScriptFile.Load(name);
        OracleBoard board = OracleBoard.Find(boardName);
        CommandResult twin = Twin(board).Run(script.Text);
        string? differences = ScriptComparison.Differences(script, RunOnOracle(script, board), twin);
        if (differences is not null && script.MayRunAgain) differences = ScriptComparison.Differences(script, RunOnOracle(script, board), twin);
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

    private CommandResult RunOnOracle(ScriptFile script, OracleBoard board)
    {
        try
        {
            return boots[board].Run(script.Text);
        }
        catch (OracleException)
        {
            boots.Discard(board);
            throw;
        }
    }
}
