using Tophalf.Kernel.Scheduling.Idle;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Twin;

/// <summary>Finds the idle states a scenario names: a table that comes with the program, or NAME.idle beside the scenario.</summary>
internal static class IdleTables
{
    /// <summary>Null where the scenario names none. Throws <see cref="TuningException"/> for a name nobody knows, and for a table that is wrong.</summary>
    public static IdleTable? Find(Scenario scenario)
    {
        if (scenario.Machine.Idle is not { } name) return null;
        string beside = Path.Combine(Path.GetDirectoryName(scenario.Path) ?? "", Path.GetFileName(name) + ".idle");
        try
        {
            if (File.Exists(beside))
            {
                using var text = new StreamReader(beside);
                return IdleTable.Parse(text, name);
            }
            if (IdleTable.BuiltIn(name) is { } table) return table;
        }
        catch (IdleTableException wrong)
        {
            throw new TuningException(wrong.Message);
        }
        SourcePosition at = scenario.Machine.IdleAt ?? new SourcePosition(1, 1);
        throw new TuningException(
            $"{scenario.Path}:{at.Line}:{at.Column}: there is no table of idle states '{name}'; write one of {string.Join(", ", IdleTable.BuiltInNames)}, or put {name}.idle beside the scenario");
    }
}
