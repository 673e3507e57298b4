using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>A CPU does nothing, at full power.</summary>
internal sealed class PollingCore() : Rule(new RuleCard(
    "polling-core",
    "A core that polls looks busy and uses full power whether or not anything comes, and takes turbo and cache from its neighbours. Where the traffic does not fill it, interrupts or the driver's interrupt mode do the same work on a core that sleeps.",
    $"idle=poll is on the command line, the POLL idle state has {PollPct:0} % of a CPU's time, or a known polling thread uses {BusyPct:0} % of a CPU.",
    "arch/x86/kernel/process.c (idle=poll); drivers/cpuidle/poll_state.c; DPDK l3fwd-power",
    Part.Rates))
{
    private const double PollPct = 30;
    private const double BusyPct = 80;

    /// <summary>First letters of threads that spin by design: DPDK, SPDK, io_uring's SQPOLL.</summary>
    private static readonly string[] s_pollers = ["lcore-worker", "dpdk-worker", "lcore-slave", "reactor_", "iou-sqp-", "pmd-"];

    public override IEnumerable<Finding> Look(Observation seen)
    {
        if (seen.CommandLine?["idle"] == "poll")
        {
            yield return Found(Severity.Info, "The kernel polls instead of idling: every core burns full power at all times.",
                [new Evidence("/proc/cmdline", "idle=poll")], "boot without idle=poll; for latency, hold /dev/cpu_dma_latency only while it is needed");
        }
        foreach (var state in seen.IdleStates.Where(state => state.Name == "POLL" && seen.Seconds is { } seconds && state.TimeUs / 1e4 / seconds >= PollPct))
        {
            yield return Found(Severity.Info, $"CPU {state.Cpu} idles by polling.",
                [new Evidence($"/sys/devices/system/cpu/cpu{state.Cpu}/cpuidle/state{state.Index}/time", $"{Wording.Pct(state.TimeUs / 1e4 / seen.Seconds!.Value)} of the time in POLL")],
                "look who asks for a latency of 0 (/dev/cpu_dma_latency, power/pm_qos_resume_latency_us), or disabled the deeper states (cpuidle/stateN/disable)");
        }
        foreach (ObservedTask task in seen.Tasks.Where(task => task.BusyPct >= BusyPct && s_pollers.Any(name => task.Name.StartsWith(name, StringComparison.Ordinal))))
        {
            yield return Found(Severity.Info, $"{task.Label} polls on CPU {task.Cpu}, whether or not anything comes.",
                [new Evidence($"/proc/{task.Pid}/task/{task.Tid}/stat", $"{Wording.Pct(task.BusyPct!.Value)} of CPU {task.Cpu}")],
                "use the driver's interrupt mode where traffic is light (DPDK l3fwd-power, io_uring sq_thread_idle)");
        }
    }
}
