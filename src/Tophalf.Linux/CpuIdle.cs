using System.Collections.Immutable;
using System.Globalization;

namespace Tophalf.Linux;

/// <summary>One idle state of one CPU (drivers/cpuidle/sysfs.c).</summary>
/// <param name="LatencyUs">Time to leave it, by the driver's table.</param>
/// <param name="ResidencyUs">Time it must last to save energy.</param>
/// <param name="Usage">Entries since boot.</param>
/// <param name="TimeUs">Time in it since boot.</param>
public sealed record IdleState(int Cpu, int Index, string Name, long LatencyUs, long ResidencyUs, long Usage, long TimeUs)
{
    private const int MostStates = 10; // CPUIDLE_STATE_MAX

    /// <summary>All states of the given CPUs; empty where the kernel has no cpuidle.</summary>
    public static ImmutableArray<IdleState> ReadAll(ILinuxMachine machine, IReadOnlyList<int> cpus)
    {
        ImmutableArray<IdleState>.Builder states = ImmutableArray.CreateBuilder<IdleState>();
        foreach (int cpu in cpus)
        {
            // What one CPU has, all have.
            if (states.Count == 0 && cpu != cpus[0])
                break;
            for (int index = 0; index < MostStates; index++)
            {
                string directory = FormattableString.Invariant($"{CpuTopology.Path}/cpu{cpu}/cpuidle/state{index}");
                if (OptionalFile.Read(machine, $"{directory}/name") is not { } name)
                    break;
                states.Add(new IdleState(cpu, index, name.Trim(), Number("latency"), Number("residency"), Number("usage"), Number("time")));

                long Number(string file) =>
                    long.TryParse(OptionalFile.Read(machine, $"{directory}/{file}").AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : 0;
            }
        }
        return states.DrainToImmutable();
    }
}
