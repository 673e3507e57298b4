using System.Globalization;
using System.Text.RegularExpressions;
using Tophalf.Linux;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;
using Xunit;
using Xunit.Abstractions;

namespace Tophalf.Tests.Linux.WakeUps;

/// <summary>
/// How late a FIFO 95 thread wakes that sleeps to the next millisecond on a busy processor: on the kernel this runs on, and on a twin. How late the timer itself is, which on
/// a virtual machine is its hypervisor's doing, is measured by tracing and given to the twin; the rest it has to know by itself.
/// </summary>
[Collection(TracingTests.Collection)]
public partial class WakeUpsAgainstTwinTests(ITestOutputHelper output)
{
    private const int Cycles = 1500, Cpu = 1;
    private const string Instance = "/sys/kernel/tracing/instances/tophalf-wakeups", Sleeper = "tophalf-sleeps";

    [TracingFact]
    public void A_late_timer_explains_a_late_thread()
    {
        if (Environment.ProcessorCount <= Cpu) return;
        (long timerNs, _, _) = Measure(traced: true);
        (_, long hostNs, double hostTicks) = Measure(traced: false);
        (double twinNs, double twinTicks) = OnTwin(timerNs);
        output.WriteLine($"timer late by {timerNs} ns; thread late by {hostNs} ns, on the twin {twinNs:f0} ns: {hostNs / twinNs:f2}; timer interrupts a second {hostTicks:f0}, on the twin {twinTicks:f0}: {hostTicks / twinTicks:f2}");
        Assert.InRange(hostNs / twinNs, 0.4, 3);
        Assert.InRange(hostTicks / twinTicks, 0.8, 2.5);
    }

    /// <summary>Median lateness of the timer's function (traced only) and of the thread, and timer interrupts of the processor a second.</summary>
    private static (long TimerNs, long ThreadNs, double TicksPerSecond) Measure(bool traced)
    {
        bool isOver = false;
        Func<bool> hog = RealTimeThread.Start("tophalf-hog", Cpu, 0, () =>
        {
            while (!Volatile.Read(ref isOver)) Thread.SpinWait(1000);
            return true;
        });
        try
        {
            if (traced) BeginTrace();
            long before = Ticks();
            long[] late = RealTimeThread.Start(Sleeper, Cpu, 95, () => RealTimeThread.Lateness(Cycles))();
            double ticks = (Ticks() - before) / (Cycles / 1000.0);
            return (traced ? TimerLateness() : 0, RealTimeThread.Median(late), ticks);
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            hog();
            if (traced) System.IO.Directory.Delete(Instance);
        }
    }

    private static long Ticks()
    {
        ProcInterrupts interrupts = ProcInterrupts.Read(new LiveMachine());
        return interrupts.CountOn(interrupts["LOC"]!, Cpu);
    }

    private static void BeginTrace()
    {
        System.IO.Directory.CreateDirectory(Instance);
        foreach (string traced in new[] { "hrtimer_start", "hrtimer_expire_entry" }) System.IO.File.WriteAllText($"{Instance}/events/timer/{traced}/enable", "1");
    }

    [GeneratedRegex(@"^\s*(?<comm>\S+)-\d+\s.* (?<event>hrtimer_\w+): hrtimer=(?<timer>\S+) function=hrtimer_wakeup (expires=(?<expires>\d+))?.*?(now=(?<now>\d+))?$")]
    private static partial Regex TimerEvent();

    /// <summary>From what the sleeping thread asked for to the timer's function.</summary>
    private static long TimerLateness()
    {
        System.IO.File.WriteAllText($"{Instance}/tracing_on", "0");
        var asked = new Dictionary<string, long>();
        var late = new List<long>();
        foreach (string line in System.IO.File.ReadLines($"{Instance}/trace"))
        {
            Match match = TimerEvent().Match(line);
            string timer = match.Groups["timer"].Value;
            if (match.Groups["event"].Value == "hrtimer_start" && Sleeper.StartsWith(match.Groups["comm"].Value, StringComparison.Ordinal))
                asked[timer] = long.Parse(match.Groups["expires"].Value, CultureInfo.InvariantCulture);
            else if (match.Groups["event"].Value == "hrtimer_expire_entry" && asked.Remove(timer, out long expires))
                late.Add(long.Parse(match.Groups["now"].Value, CultureInfo.InvariantCulture) - expires);
        }
        Assert.True(late.Count > Cycles / 4, $"{late.Count} timers of {Cycles} were traced");
        return RealTimeThread.Median(late);
    }

    private static (double ThreadNs, double TicksPerSecond) OnTwin(long timerNs)
    {
        string folder = System.IO.Directory.CreateTempSubdirectory("tophalf-wakeups").FullName;
        try
        {
            System.IO.File.WriteAllText(Path.Combine(folder, "here.costs"), $"set here\nextends guest\nabout This machine's timers.\n\ntimer_late {timerNs} ns - VERIFIED measured by this test\n");
            Scenario scenario = ScenarioFile.Parse($$$"""
                machine: {cores: 2, costs: here, kernel: {hz: 250, preempt: none}}
                workloads:
                  - task: {name: sleeper, cpus: "1", compute: 1us, sleep: 999us, policy: "fifo:95"}
                  - task: {name: hog, cpus: "0-1", busy: 100%}
                run: {{{Cycles}}}ms
                """, Path.Combine(folder, "here.yaml"));
            RunReport report = TwinRunner.Run(scenario, new RunOptions());
            long ticks = report.SystemVectors.Where(row => row.Name == "LOC").Sum(row => row.PerCpu[Cpu]);
            return (report.Tasks.Single(task => task.Name == "sleeper").Thread.P50 * 1000, ticks / (Cycles / 1000.0));
        }
        finally
        {
            System.IO.Directory.Delete(folder, recursive: true);
        }
    }
}
