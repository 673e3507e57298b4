using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Context;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Context;

/// <summary>spinlock_t with PREEMPT_RT: it sleeps, and lends priorities along chains (kernel/locking/rtmutex.c).</summary>
public class KernelSpinLockTests
{
    private const long Ms = SimTime.Millisecond;

    private readonly KernelBench _bench = new(cpus: 2, configure: options => options with { HasLockupDetector = false, Preemption = PreemptionModel.Rt });
    private readonly List<string> _story = [];

    private void Tell(string what) => _story.Add($"{_bench.Kernel.CurrentCpu!.LocalPs / Ms} ms: {what}");

    private void Spend(long ps) => _bench.Kernel.CurrentCpu!.Spend(ps);

    /// <summary>Takes the locks one after the other, computes, and gives them back.</summary>
    private IEnumerable<Sleep> Work(string name, long computePs, params KernelSpinLock[] locks)
    {
        foreach (KernelSpinLock one in locks)
        {
            foreach (Sleep sleep in one.Lock()) yield return sleep;
        }
        Tell($"{name} has it");
        Spend(computePs);
        yield return Sleep.CondResched;
        Tell($"{name} is through");
        foreach (KernelSpinLock one in locks.Reverse()) one.Unlock();
    }

    private ProcessTask Start(string name, int priority, int cpu, long atPs, IEnumerable<Sleep> steps)
    {
        var task = new ProcessTask(_bench.Kernel, name, steps)
        {
            Policy = priority > 0 ? SchedulingPolicy.Fifo : SchedulingPolicy.Fair,
            RtPriority = priority,
            Allowed = CpuMask.Of(cpu),
        };
        _bench.Kernel.AddTask(task, _bench.Kernel.Cpus[cpu]);
        _bench.At(atPs, () => _bench.Kernel.Wake(task, _bench.Kernel.Cpus[cpu], _bench.NowPs));
        return task;
    }

    private static IEnumerable<Sleep> Compute(Action<long> spend, long ps, int times)
    {
        for (int i = 0; i < times; i++)
        {
            spend(ps);
            yield return Sleep.CondResched;
        }
    }

    [Fact]
    public void A_waiter_lends_the_holder_its_priority_so_that_a_task_between_them_waits_for_both()
    {
        var shared = new KernelSpinLock(_bench.Kernel);
        ProcessTask low = Start("low", 0, cpu: 0, 1 * Ms, Work("low", 10 * Ms, shared));
        Start("high", 60, cpu: 0, 3 * Ms, Work("high", 1 * Ms, shared));
        ProcessTask middle = Start("middle", 20, cpu: 0, 4 * Ms, Compute(Spend, 5 * Ms, 4));
        _bench.RunUntil(5 * Ms);
        Assert.Equal((60, low), (low.LentPriority, shared.Owner));
        _bench.RunUntil(50 * Ms);
        Assert.Equal(["1 ms: low has it", "11 ms: low is through", "11 ms: high has it", "12 ms: high is through"], _story);
        Assert.Equal((0, true, 0), (low.LentPriority, middle.IsDone, _bench.Kernel.WrongPriorities));
    }

    [Fact]
    public void A_priority_is_lent_on_along_a_chain_of_locks_and_over_to_another_processor()
    {
        var first = new KernelSpinLock(_bench.Kernel);
        var second = new KernelSpinLock(_bench.Kernel);
        ProcessTask end = Start("end", 0, cpu: 1, 1 * Ms, Work("end", 10 * Ms, second));
        ProcessTask link = Start("link", 0, cpu: 0, 2 * Ms, Work("link", 1 * Ms, first, second));
        Start("high", 70, cpu: 0, 4 * Ms, Work("high", 1 * Ms, first));
        Start("hog", 30, cpu: 1, 5 * Ms, Compute(Spend, 5 * Ms, 4));
        _bench.RunUntil(6 * Ms);
        Assert.Equal((70, 70), (link.LentPriority, end.LentPriority));
        _bench.RunUntil(60 * Ms);
        Assert.Equal(
            ["1 ms: end has it", "11 ms: end is through", "11 ms: link has it", "12 ms: link is through", "12 ms: high has it", "13 ms: high is through"], _story);
        Assert.Equal(0, _bench.Kernel.WrongPriorities);
    }

    [Fact]
    public void Waiters_get_it_by_priority_and_then_in_the_order_they_came()
    {
        var shared = new KernelSpinLock(_bench.Kernel);
        Start("holder", 90, cpu: 0, 1 * Ms, Work("holder", 10 * Ms, shared));
        Start("a10", 10, cpu: 1, 2 * Ms, Work("a10", 1 * Ms, shared));
        Start("b40", 40, cpu: 1, 3 * Ms, Work("b40", 1 * Ms, shared));
        Start("c10", 10, cpu: 1, 4 * Ms, Work("c10", 1 * Ms, shared));
        _bench.RunUntil(40 * Ms);
        Assert.Equal(["holder", "b40", "a10", "c10"], _story.Where(line => line.EndsWith("has it", StringComparison.Ordinal)).Select(line => line.Split(' ')[2]));
    }

    [Fact]
    public void Without_PREEMPT_RT_it_is_a_raw_one_that_keeps_preemption_off()
    {
        var bench = new KernelBench();
        var shared = new KernelSpinLock(bench.Kernel);
        uint count = 0;
        IEnumerable<Sleep> Take()
        {
            foreach (Sleep sleep in shared.Lock()) yield return sleep;
            count = bench.Kernel.CurrentCpu!.PreemptCount;
            shared.Unlock();
        }
        Assert.Equal(Errno.None, bench.Kernel.RunProcess("sh", Take()));
        Assert.Equal(1u, count);
    }
}
