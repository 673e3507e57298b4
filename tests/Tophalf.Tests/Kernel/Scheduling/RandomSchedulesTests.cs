using FsCheck;
using FsCheck.Fluent;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Scheduling;

/// <summary>What holds for every schedule, whatever tasks there are and whenever they wake.</summary>
public class RandomSchedulesTests
{
    private const long Ms = SimTime.Millisecond;

    /// <summary>Eligible tasks exist at any moment, so no task's lag grows beyond a slice and the tick that ends it, and none starves; and CFS runs the one that has had least.</summary>
    [Theory]
    [InlineData("6.18.0")]
    [InlineData("6.1.0")]
    public void No_fair_task_strays_from_its_share_by_more_than_slices_and_a_tick(string release) => Check(draw =>
    {
        var bench = new SchedulingBench(release: release);
        var hogs = Enumerable.Range(0, 2 + draw.NextInt(6)).Select(_ => bench.Hog(nice: draw.NextInt(30) - 15)).ToList();
        long weights = hogs.Sum(hog => (long)hog.Weight);
        for (int step = 1; step <= 20; step++)
        {
            bench.RunUntil(bench.Bench.NowPs + (50 + draw.NextInt(50)) * Ms);
            long givenPs = hogs.Sum(hog => hog.RuntimePs);
            foreach (PeriodicTask hog in hogs)
            {
                double sharePs = givenPs * (hog.Weight / (double)weights);
                double boundPs = 5 * Ms * hogs.Count;
                if (Math.Abs(hog.RuntimePs - sharePs) > boundPs) return $"{hog.RuntimePs} ps, its share is {sharePs}";
            }
        }
        return null;
    });

    [Fact]
    public void No_lower_fifo_task_runs_while_a_higher_one_waits_on_its_processor() => Check(draw =>
    {
        var bench = new SchedulingBench(cmdline: draw.NextInt(2) == 0 ? "preempt=full" : "preempt=lazy");
        var tasks = new List<SleeperTask>();
        for (int i = 0; i < 6; i++)
        {
            int priority = 1 + draw.NextInt(5);
            tasks.Add(bench.Sleeper(SchedulingPolicy.Fifo, priority, computePs: (1 + draw.NextInt(3000)) * SimTime.Microsecond));
        }
        bench.Hog();
        for (int i = 0; i < 40; i++) bench.WakeAt(draw.NextInt(50_000) * SimTime.Microsecond, tasks[draw.NextInt(tasks.Count)]);
        Cpu cpu = bench.Bench.Kernel.Cpus[0];
        while (bench.Bench.NowPs < 60 * Ms)
        {
            bench.RunUntil(bench.Bench.NowPs + 37 * SimTime.Microsecond);
            if (cpu.InInterrupt || cpu.NeedResched) continue;
            int running = cpu.Runqueue.Current?.RtPriority ?? 0;
            int waiting = tasks.Where(task => !task.IsSleeping).Select(task => task.RtPriority).DefaultIfEmpty(0).Max();
            // The interrupt that woke the task may still be going on: its flag comes at its end.
            if (waiting > running && cpu.LocalPs <= bench.Bench.NowPs) return $"at {bench.Bench.NowPs} ps priority {running} runs and {waiting} waits";
        }
        return null;
    });

    /// <summary>Stretches of any length charge what one of their sum does: else lazy and exact runs would part.</summary>
    [Fact]
    public void Looking_at_a_machine_changes_nothing() => Check(draw =>
    {
        int[] nices = [draw.NextInt(40) - 20, draw.NextInt(40) - 20, draw.NextInt(40) - 20];
        var looked = new SchedulingBench();
        var left = new SchedulingBench();
        var first = nices.Select(nice => looked.Hog(nice: nice)).ToList();
        var second = nices.Select(nice => left.Hog(nice: nice)).ToList();
        while (looked.Bench.NowPs < 300 * Ms) looked.RunUntil(Math.Min(300 * Ms, looked.Bench.NowPs + 1 + draw.NextInt(7_000_000) * SimTime.Nanosecond));
        left.RunUntil(300 * Ms);
        for (int i = 0; i < nices.Length; i++)
        {
            if ((first[i].RuntimePs, first[i].VruntimePs) != (second[i].RuntimePs, second[i].VruntimePs)) return $"nice {nices[i]}: {first[i]}, {second[i]}";
        }
        return null;
    });

    private static void Check(Func<RandomStream, string?> property) =>
        Prop.ForAll(ArbMap.Default.ArbFor<uint>(), seed =>
        {
            string? wrong = property(new RandomStream(seed, "schedule"));
            return (wrong is null).Label(wrong ?? "");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(30));
}
