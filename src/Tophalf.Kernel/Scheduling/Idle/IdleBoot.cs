using System.Globalization;

namespace Tophalf.Kernel.Scheduling.Idle;

/// <summary>What the kernel's command line says about idling (Documentation/admin-guide/pm/cpuidle.rst).</summary>
internal static class IdleBoot
{
    /// <param name="parameters">The command line's.</param>
    /// <param name="table">What the processor has.</param>
    /// <param name="haltExitPs">Exit latency of HLT.</param>
    public static IdleTable Choose(IEnumerable<(string Name, string Value)> parameters, IdleTable table, long haltExitPs)
    {
        foreach ((string name, string value) in parameters)
        {
            switch (name)
            {
                case "idle" when value == "poll": return IdleTable.Poll;
                case "idle" when value == "halt": return IdleTable.Halt(haltExitPs);
                // 0 disables the driver, and the processor is halted.
                case "intel_idle.max_cstate" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int most):
                    table = most == 0 ? IdleTable.Halt(haltExitPs) : table.UpTo(most);
                    break;
            }
        }
        return table;
    }

    /// <summary>The haltpoll driver is for processors that no other driver idles, and not for <c>idle=</c> (cpuidle-haltpoll.c haltpoll_init).</summary>
    public static bool TakesHaltPoll(IEnumerable<(string Name, string Value)> parameters, IdleTable? table) =>
        table is null && !parameters.Any(parameter => parameter is { Name: "idle", Value: "poll" or "halt" or "nomwait" });
}
