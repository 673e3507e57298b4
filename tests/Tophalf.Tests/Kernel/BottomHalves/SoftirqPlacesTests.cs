using Tophalf.Hardware.Devices;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.BottomHalves;

/// <summary>Where softirqs run: after an interrupt, where bottom halves are enabled, or in threads (kernel/softirq.c).</summary>
public class SoftirqPlacesTests
{
    private readonly List<string> _story = [];

    private Tasklet Named(KernelBench bench, string name) => new(_ =>
    {
        Cpu cpu = bench.Kernel.CurrentCpu!;
        _story.Add($"{name} in {cpu.Runqueue.Current?.Comm ?? "swapper/0"}");
    });

    [Fact]
    public void Disabled_bottom_halves_nest_and_the_outermost_enable_runs_what_waits()
    {
        var bench = new KernelBench();
        (PulseDevice device, IrqDesc line) = bench.Message();
        Tasklet tasklet = Named(bench, "tasklet");
        bench.Claim(line, device, _ => bench.Kernel.Tasklets.Schedule(tasklet));
        bench.Kernel.Workqueues.Schedule(new WorkStruct(_ => Body()));
        bench.RunFor(SimTime.Millisecond);
        Assert.Equal(["disabled twice: softirq True", "raised inside: 0 runs", "outer enabled", "tasklet in kworker/0:0", "1 runs"], _story);
        Assert.Equal(0, bench.Kernel.Cpus[0].Softirqs.HandedOver);

        IEnumerable<Sleep> Body()
        {
            Cpu cpu = bench.Kernel.CurrentCpu!;
            cpu.LocalBhDisable();
            cpu.LocalBhDisable();
            _story.Add($"disabled twice: softirq {cpu.InSoftirq}");
            bench.Kernel.Tasklets.Schedule(tasklet);
            cpu.LocalBhEnable();
            _story.Add($"raised inside: {tasklet.Runs} runs");
            cpu.LocalBhEnable();
            _story.Add("outer enabled");
            yield return Sleep.Until(_ => false);
            _story.Add($"{tasklet.Runs} runs");
        }
    }

    [Fact]
    public void With_threadirqs_the_handlers_thread_runs_what_it_raised_and_ktimers_the_timers()
    {
        var bench = new KernelBench(cmdline: "threadirqs");
        (PulseDevice device, IrqDesc line) = bench.Message();
        Tasklet tasklet = Named(bench, "tasklet");
        var timer = new TimerList(_ => _story.Add($"timer in {bench.Kernel.CurrentCpu!.Runqueue.Current!.Comm}"));
        bench.Claim(line, device, cpu =>
        {
            _story.Add($"handler in {cpu.Runqueue.Current!.Comm} hardirq {cpu.InHardirq} softirq {cpu.InSoftirq}");
            bench.Kernel.Tasklets.Schedule(tasklet);
            bench.Kernel.Timers.ModTimer(timer, bench.Kernel.JiffiesNow + 1);
        });
        device.Raise(bench.NowPs);
        bench.RunFor(50 * SimTime.Millisecond);
        string thread = $"irq/{line.Irq}-dev";
        Assert.Equal([$"handler in {thread} hardirq False softirq True", $"tasklet in {thread}", "timer in ktimers/0"], _story);
    }

    [Fact]
    public void With_threadirqs_what_a_hard_handler_raises_is_left_to_ksoftirqd()
    {
        var bench = new KernelBench(cmdline: "threadirqs");
        (PulseDevice device, IrqDesc line) = bench.Message();
        Tasklet tasklet = Named(bench, "tasklet");
        Assert.Equal(0, bench.Irqs.RequestIrq(line.Irq, (_, _) =>
        {
            device.Acknowledge(bench.Kernel.CurrentCpu!.LocalPs);
            bench.Kernel.Tasklets.Schedule(tasklet);
            return IrqReturn.Handled;
        }, IrqFlags.NoThread, "dev", this));
        device.Raise(bench.NowPs);
        bench.RunFor(50 * SimTime.Millisecond);
        Assert.Equal(["tasklet in ksoftirqd/0"], _story);
    }
}
