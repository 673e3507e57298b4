using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;

namespace Tophalf.Tests.Twin.Exact;

/// <summary>Processors go and come back at any moment of a loaded machine: no packet is lost from the books, and nobody can tell whether packets were events.</summary>
public class HotplugUnderLoadTests
{
    private const int Cases = 100;

    [Fact]
    public void Processors_that_come_and_go_leave_the_books_balanced_and_both_ways_of_working_the_same()
    {
        int went = 0;
        for (ulong number = 0; number < Cases; number++)
        {
            string yaml = ScenarioDraw.Yaml(number);
            string lazy = Outcome(yaml, number, exact: false, ref went);
            Assert.True(lazy == Outcome(yaml, number, exact: true, ref went), $"scenario {number}\n{yaml}");
        }
        Assert.True(went > Cases, $"only {went} processors went");
    }

    private static string Outcome(string yaml, ulong number, bool exact, ref int went)
    {
        TwinMachine machine = TwinRuns.Machine(yaml, exact: exact);
        var random = new RandomStream(number, "hotplug");
        string answers = "";
        for (int i = 0; i < 8 && machine.Kernel.CpuCount > 1; i++)
        {
            machine.RunUntil(machine.Events.NowPs + random.NextInt(600_000) * SimTime.Nanosecond);
            int cpu = 1 + random.NextInt(machine.Kernel.CpuCount - 1);
            bool isOnline = machine.Kernel.OnlineMask.Contains(cpu);
            answers += machine.Run($"echo {(isOnline ? 0 : 1)} > /sys/devices/system/cpu/cpu{cpu}/online").Error;
            if (isOnline && !machine.Kernel.OnlineMask.Contains(cpu)) went++;
            answers += Files(machine);
            Audit.Check(machine);
        }
        machine.RunUntil(machine.Events.NowPs + 3 * SimTime.Millisecond);
        Audit.Check(machine);
        return answers + Files(machine) + string.Join('\n', machine.KernelLog) + machine.Events.NowPs;
    }

    private static string Files(TwinMachine machine) =>
        string.Concat(((string[])["/proc/interrupts", "/proc/softirqs", "/proc/stat", "/proc/net/softnet_stat", "/proc/net/dev"]).Select(machine.Read));
}
