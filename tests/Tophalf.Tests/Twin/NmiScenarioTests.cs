using Tophalf.Advisor;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Xunit;

namespace Tophalf.Tests.Twin;

/// <summary>A scenario gives the machine NMIs: the board's button, SERR# and IOCHK#, through LINT1 and port 0x61 (arch/x86/kernel/nmi.c).</summary>
public class NmiScenarioTests
{
    private static string Yaml(string nmi, string kernel = "") => $$"""
        machine:
          cores: 2
          kernel: {cmdline: "{{kernel}} "}
        devices:
          eth0: {model: ixgbe, queues: 2}
        workloads:
          - packets: {to: eth0, rate: 100kpps}
          - nmi: {{nmi}}
        run: 100ms
        """;

    private static string[] Said(RunReport report) => [.. report.Log.Select(line => line[(line.IndexOf(']') + 2)..])];

    private static IReadOnlyList<long> Nmis(RunReport report) => report.SystemVectors.Single(row => row.Name == "NMI").PerCpu;

    [Fact]
    public void The_button_reaches_the_boot_processor_and_nobody_knows_why()
    {
        RunReport report = TwinRuns.Run(Yaml("{rate: 100/s, stop: 25ms}"));
        Assert.Equal([2, 0], Nmis(report));
        string[] once = ["Uhhuh. NMI received for unknown reason 00 on CPU 0.", "Dazed and confused, but trying to continue"];
        Assert.Equal([.. once, .. once], Said(report));
    }

    [Fact]
    public void A_system_error_is_told_once_and_its_line_switched_off()
    {
        RunReport report = TwinRuns.Run(Yaml("{from: serr, rate: 100/s}"));
        Assert.Equal([1, 0], Nmis(report));
        Assert.Equal(["NMI: PCI system error (SERR) for reason 80 on CPU 0.", "Dazed and confused, but trying to continue"], Said(report));
    }

    [Fact]
    public void A_panic_ends_the_run_and_is_found()
    {
        AdvisedRun run = AdvisedRun.Of(TwinRuns.Scenario(Yaml("{rate: 100/s, start: 10ms}", "unknown_nmi_panic")), new RunOptions());
        Assert.InRange(run.Report.SimulatedS, 0.02, 0.025);
        Assert.Contains("Kernel panic - not syncing: NMI: Not continuing", Said(run.Report));
        Finding found = run.Findings[0];
        Assert.Equal(("kernel-panic", Severity.Error), (found.Rule.Id, found.Severity));
        Assert.EndsWith("Kernel panic - not syncing: NMI: Not continuing", found.Evidence[0].Shows);
    }

    [Fact]
    public void Nmis_come_alike_both_ways_of_working()
    {
        string yaml = Yaml("{rate: 5k/s, arrivals: poisson}");
        Assert.Equal(TwinRuns.Text(TwinRuns.Run(yaml)), TwinRuns.Text(TwinRuns.Run(yaml, new RunOptions { Exact = true })));
    }

    [Fact]
    public void The_kernel_may_be_built_to_look_for_sleeps()
    {
        Assert.True(TwinRuns.Machine("machine: {kernel: {debug-atomic-sleep: on}}", SimTime.Millisecond).Kernel.Options.DebugAtomicSleep);
        Assert.False(TwinRuns.Machine("machine: {cores: 1}", SimTime.Millisecond).Kernel.Options.DebugAtomicSleep);
    }
}
