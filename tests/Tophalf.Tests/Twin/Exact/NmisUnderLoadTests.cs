using Tophalf.Hardware.Processors;
using Tophalf.Kernel.Nmi;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;

namespace Tophalf.Tests.Twin.Exact;

/// <summary>NMIs cut into hard interrupts, polls and tasks at any moment: the books still balance, and nobody can tell whether packets were events.</summary>
public class NmisUnderLoadTests
{
    private const int Cases = 60;

    [Fact]
    public void Nmis_at_any_moment_leave_the_books_balanced_and_both_ways_of_working_the_same()
    {
        for (ulong number = 0; number < Cases; number++)
        {
            string yaml = ScenarioDraw.Yaml(number);
            Assert.True(Outcome(yaml, number, exact: false) == Outcome(yaml, number, exact: true), $"scenario {number}\n{yaml}");
        }
    }

    private static string Outcome(string yaml, ulong number, bool exact)
    {
        TwinMachine machine = TwinRuns.Machine(yaml, exact: exact);
        machine.Kernel.Nmi.Register(NmiType.Local, (NmiType _, in InterruptFrame _) =>
        {
            machine.Kernel.CurrentCpu!.Spend(2 * SimTime.Microsecond);
            return 1;
        }, NmiFlags.None, "test");
        var random = new RandomStream(number, "nmis");
        long fromPs = machine.Events.NowPs;
        for (int i = 0; i < 200; i++)
        {
            Processor processor = machine.Kernel.Cpus[random.NextInt(machine.Kernel.CpuCount)].Processor;
            machine.Events.Schedule(new CallbackEvent(processor.SignalNmi), fromPs + random.NextInt(3_000_000) * SimTime.Nanosecond + 1);
        }
        machine.RunUntil(fromPs + 3 * SimTime.Millisecond + 100 * SimTime.Microsecond);
        Audit.Check(machine);
        long rounds = machine.Kernel.Cpus.Sum(cpu => cpu.Nmi.Rounds);
        Assert.InRange(rounds, 1, 200);
        string[] files = ["/proc/interrupts", "/proc/softirqs", "/proc/stat", "/proc/net/softnet_stat", "/proc/net/dev"];
        return string.Concat(files.Select(machine.Read)) + string.Join(' ', machine.Kernel.Cpus.Select(cpu => cpu.AccountedUntilPs));
    }
}
