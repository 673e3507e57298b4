using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Scheduling;

/// <summary>What holds on several processors, whatever tasks there are, wherever they may run and whenever they wake.</summary>
public class ManyCpusPropertyTests
{
    private const long Us = SimTime.Microsecond, Ms = SimTime.Millisecond;

    /// <summary>An interrupt, a switch and a task on its way: what is wrong for no longer than this is not wrong yet.</summary>
    private const long PassingPs = 60 * Us;

    [Theory]
    [InlineData(PreemptionModel.Full)]
    [InlineData(PreemptionModel.Lazy)]
    [InlineData(PreemptionModel.Rt)]
    public void No_lower_real_time_task_runs_where_a_higher_one_that_waits_may_run(PreemptionModel model)
    {
        for (ulong seed = 0; seed < 12; seed++) RealTime(seed, model);
    }

    private static void RealTime(ulong seed, PreemptionModel model)
    {
        var random = new RandomStream(seed, "realtime");
        int cpus = 2 + random.NextInt(3);
        var bench = new SchedulingBench(cpus, preemption: model);
        var tasks = new List<SleeperTask>();
        for (int i = 0; i < 2 * cpus + 2; i++)
        {
            var task = new SleeperTask($"rt{i}", SomeCpus(random, cpus), (50 + random.NextInt(2000)) * Us)
            {
                Policy = random.NextInt(3) == 0 ? SchedulingPolicy.RoundRobin : SchedulingPolicy.Fifo,
                RtPriority = 1 + random.NextInt(6),
            };
            bench.Bench.Kernel.AddTask(task, bench.Bench.Kernel.Cpus[task.Allowed.First]);
            tasks.Add(task);
        }
        for (int cpu = 0; cpu < cpus; cpu++) bench.Hog(cpu: cpu);
        for (int i = 0; i < 60; i++) bench.WakeAt(random.NextInt(25_000) * Us, tasks[random.NextInt(tasks.Count)], from: random.NextInt(cpus));
        var wrongSincePs = new Dictionary<KernelTask, long>();
        while (bench.Bench.NowPs < 30 * Ms)
        {
            bench.RunUntil(bench.Bench.NowPs + 10 * Us);
            foreach (SleeperTask task in tasks)
            {
                Cpu? wrong = task.IsSleeping ? null : WhereItOughtToRun(task, bench.Bench.Kernel);
                if (wrong is null) wrongSincePs.Remove(task);
                else if (bench.Bench.NowPs - wrongSincePs.GetValueOrDefault(task, bench.Bench.NowPs) <= PassingPs) wrongSincePs.TryAdd(task, bench.Bench.NowPs);
                else Assert.Fail($"seed {seed}, at {SimTime.Format(bench.Bench.NowPs)}: {task.Comm} of priority {task.RtPriority} waits on CPU {task.Cpu.Id}, while {wrong.Runqueue.Current} runs on CPU {wrong.Id}");
            }
        }
        Assert.All(tasks.Where(task => task.Wakeups > 0), task => Assert.NotEmpty(task.DonePs));
    }

    /// <summary>A processor that runs something less important, though this one waits and may run there.</summary>
    private static Cpu? WhereItOughtToRun(SleeperTask task, Tophalf.Kernel.Kernel kernel)
    {
        if (kernel.Cpus.Any(cpu => cpu.Runqueue.Current == task)) return null;
        return kernel.Cpus.FirstOrDefault(cpu => task.Allowed.Contains(cpu.Id) && (cpu.Runqueue.Current?.EffectivePriority ?? 0) < task.RtPriority);
    }

    private static CpuMask SomeCpus(RandomStream random, int cpus)
    {
        CpuMask mask = CpuMask.Of(random.NextInt(cpus));
        for (int more = random.NextInt(cpus); more > 0; more--) mask = mask.With(random.NextInt(cpus));
        return mask;
    }

    [Fact]
    public void No_fair_task_that_wants_to_run_goes_without_a_processor_for_long()
    {
        for (ulong seed = 0; seed < 8; seed++) Fair(seed);
    }

    /// <summary>With at most a dozen tasks of nice -5 to 5 on a processor, the lightest has its turn within their slices and ticks.</summary>
    private static void Fair(ulong seed)
    {
        const long patiencePs = 600 * Ms;
        var random = new RandomStream(seed, "fair");
        int cpus = 1 + random.NextInt(4);
        var bench = new SchedulingBench(cpus);
        var tasks = new List<PeriodicTask>();
        for (int i = 0; i < 2 * cpus + 4; i++)
        {
            long sleepPs = random.NextInt(2) == 0 ? 0 : (1 + random.NextInt(20)) * Ms;
            var task = new PeriodicTask(bench.Bench.Kernel, $"fair{i}", SomeCpus(random, cpus), (1 + random.NextInt(10)) * Ms, sleepPs, CpuClass.User) { Nice = random.NextInt(11) - 5 };
            tasks.Add(bench.Start(task, task.Allowed.First));
        }
        var progress = new Dictionary<PeriodicTask, (long RuntimePs, long AtPs)>();
        while (bench.Bench.NowPs < 2 * SimTime.Second)
        {
            bench.RunUntil(bench.Bench.NowPs + 10 * Ms);
            foreach (PeriodicTask task in tasks)
            {
                if (task.IsSleeping || !progress.TryGetValue(task, out var last) || last.RuntimePs != task.RuntimePs) progress[task] = (task.RuntimePs, bench.Bench.NowPs);
                else Assert.True(bench.Bench.NowPs - last.AtPs < patiencePs, $"seed {seed}: {task} has not run since {SimTime.Format(last.AtPs)}");
            }
        }
    }
}
