using Tophalf.Tests.Shared;
using Tophalf.Twin.Reports;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// How late a timer's interrupt is and how late the thread that it wakes (Documentation/trace/timerlat-tracer.rst). The document's examples: an interrupt
/// 0.8 to 2.8 us late, its thread 3.1 to 11.7 us; 838.7 us with preemption off make 860 us for the thread and leave the interrupt at 1.6 us; and a latency of
/// 39 960 ns is the sum of the interrupt's delay, two handlers and a running thread.
/// </summary>
public class S23TimerLatency
{
    [Fact]
    public void On_an_idle_machine_interrupt_and_thread_are_as_late_as_in_the_document()
    {
        TaskReport timer = Timer(Run(""));
        Assert.InRange(timer.Timer.P50, 0.769 / 1.5, 2.833);
        Assert.InRange(timer.Thread.P50, 2.3, 11.7);
    }

    // The holder's period is 10 us more than ten of the timer's, so that in two seconds every part of its section meets a timer.
    [Fact]
    public void With_preemption_off_the_thread_waits_and_the_interrupt_does_not()
    {
        RunReport report = Run("  - task: {name: holder, cpus: \"0\", compute: 838.7us, sleep: 9171.3us, disables: preemption}\n");
        TaskReport timer = Timer(report);
        Assert.InRange(timer.Timer.Max, 0.5, 10);
        Assert.InRange(timer.Thread.Max, 820, 880);
        DelayReport worst = report.Delays.First(delay => delay is { Kind: "wake-up", Who: "timerlat" });
        Assert.Equal(("preemption off", "holder"), (worst.Parts[0].Cause, worst.Parts[0].By));
        Assert.InRange(worst.Parts[0].Ns / worst.TotalNs, 0.95, 1);
    }

    [Fact]
    public void With_interrupts_off_both_wait()
    {
        RunReport report = Run("  - task: {name: holder, cpus: \"0\", compute: 838.7us, sleep: 9171.3us, disables: interrupts}\n");
        TaskReport timer = Timer(report);
        Assert.InRange(timer.Timer.Max, 820, 860);
        Assert.InRange(timer.Thread.Max, 820, 880);
        DelayReport worst = report.Delays.First(delay => delay.Kind == "interrupt");
        Assert.Equal(("LOC", "interrupts off", "holder"), (worst.Who, worst.Parts[0].Cause, worst.Parts[0].By));
    }

    /// <summary>The worked example: handlers and a thread that the model does not preempt in the kernel stand between the interrupt and its thread.</summary>
    [Theory]
    [InlineData("full")]
    [InlineData("none")]
    public void Every_delay_is_the_sum_of_its_parts(string preempt)
    {
        RunReport report = Run("""
              - interrupts: {to: dev, rate: 5k/s, arrivals: poisson}
              - packets: {to: eth0, rate: 100kpps, arrivals: poisson}
              - task: {name: worker, cpus: "0", compute: 300us, sleep: 1711us, class: system}

            """, preempt);
        Assert.Equal(20, report.Delays.Count);
        foreach (DelayReport delay in report.Delays)
        {
            Assert.Equal(delay.TotalNs, delay.Parts.Sum(part => part.Ns), 3);
            Assert.DoesNotContain(delay.Parts, part => part.Cause == "not recorded");
        }
        Assert.Equal(preempt == "none", Timer(report).Thread.Max > 150);
    }

    private static TaskReport Timer(RunReport report) => report.Tasks.Single(task => task.Name == "timerlat");

    private static RunReport Run(string also, string preempt = "full") => TwinRuns.Run($$"""
        machine:
          cores: 1
          kernel: {preempt: {{preempt}} }
        devices:
          dev: {model: line, irq: 16, chip: ioapic, trigger: level}
          eth0: {model: ixgbe, queues: 1}
        workloads:
          - task: {name: timerlat, cpus: "0", compute: 2us, sleep: 998us, policy: "fifo:95"}
        {{also}}run: 2s
        """);
}
