using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Context;

/// <summary>What is a mistake on an ordinary kernel and not with PREEMPT_RT, and what is one on both.</summary>
public class PreemptRtTests
{
    private static KernelBench Bench(PreemptionModel model) => new(configure: options => options with { Preemption = model, Cmdline = "threadirqs" });

    private static void InHandler(KernelBench bench, IrqFlags flags, Action code)
    {
        var (device, line) = bench.Message("dev");
        Assert.Equal(0, bench.Irqs.RequestIrq(line.Irq, (_, _) =>
        {
            device.Acknowledge(bench.Kernel.CurrentCpu!.LocalPs);
            code();
            return IrqReturn.Handled;
        }, flags, "dev", device));
        device.Raise(SimTime.Microsecond);
    }

    private static IEnumerable<string> Bugs(KernelBench bench) => bench.Log.Where(line => line.StartsWith("BUG", StringComparison.Ordinal));

    [Theory]
    [InlineData(PreemptionModel.Full, true)]
    [InlineData(PreemptionModel.Rt, false)]
    public void A_threaded_handler_with_bottom_halves_off_may_sleep_with_PREEMPT_RT_only(PreemptionModel model, bool isBug)
    {
        KernelBench bench = Bench(model);
        InHandler(bench, IrqFlags.None, bench.Kernel.Schedule);
        bench.RunFor(SimTime.Millisecond);
        Assert.Equal(isBug, Bugs(bench).Any(line => line.StartsWith("BUG: scheduling while atomic: irq/24-dev/", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_handler_that_is_no_thread_must_not_on_either()
    {
        KernelBench bench = Bench(PreemptionModel.Rt);
        InHandler(bench, IrqFlags.NoThread, bench.Kernel.Schedule);
        bench.RunFor(SimTime.Millisecond);
        Assert.StartsWith("BUG: scheduling while atomic: swapper/0/0/0x00010002", Assert.Single(Bugs(bench)));
    }

    /// <summary>The detector's thread is of the stop class, so a task of the highest priority alone locks nothing up.</summary>
    [Theory]
    [InlineData(TaskSection.Nothing, 0)]
    [InlineData(TaskSection.Preemption, 1)]
    public void A_processor_locks_up_when_preemption_stays_off_and_not_under_a_task_of_priority_99(TaskSection section, int lockups)
    {
        KernelBench bench = Bench(PreemptionModel.Rt);
        var hog = new PeriodicTask(bench.Kernel, "hog", cpu: 0, 30 * SimTime.Second, 0, CpuClass.System) { Policy = SchedulingPolicy.Fifo, RtPriority = 99, Section = section };
        bench.Kernel.AddTask(hog, bench.Kernel.Cpus[0]);
        bench.Kernel.Wake(hog, bench.Kernel.Cpus[0], 0);
        bench.RunFor(25 * SimTime.Second);
        Assert.Equal(lockups, bench.Log.Count(line => line.StartsWith("watchdog: BUG: soft lockup - CPU#0 stuck for ", StringComparison.Ordinal)));
    }
}
