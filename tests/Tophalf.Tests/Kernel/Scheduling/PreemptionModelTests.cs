using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Scheduling;

/// <summary>Which model a kernel boots with, and how it shows.</summary>
public class PreemptionModelTests
{
    [Theory]
    [InlineData("", PreemptionModel.Full, null)]
    [InlineData("quiet preempt=none", PreemptionModel.None, "Dynamic Preempt: none")]
    [InlineData("preempt=voluntary", PreemptionModel.Voluntary, "Dynamic Preempt: voluntary")]
    [InlineData("preempt=lazy", PreemptionModel.Lazy, "Dynamic Preempt: lazy")]
    [InlineData("preempt=rt", PreemptionModel.Full, "Dynamic Preempt: unsupported mode: rt")]
    public void The_command_line_chooses_among_the_dynamic_models(string cmdline, PreemptionModel model, string? said)
    {
        var bench = new KernelBench(cmdline: cmdline);
        Assert.Equal(model, bench.Kernel.Preemption);
        Assert.Equal(said is null ? [] : [said], bench.Log);
        Assert.Equal("#1 SMP PREEMPT_DYNAMIC", bench.Kernel.Version);
    }

    [Fact]
    public void A_real_time_kernel_says_so_threads_its_handlers_and_is_not_talked_out_of_it()
    {
        string output = TwinRuns.Machine("""
            machine: {cores: 1, kernel: {preempt: rt, cmdline: "preempt=none irqpoll"}}
            devices:
              usb: {model: line, irq: 16, chip: ioapic, trigger: level}
            """).Run("uname -v; cat /sys/kernel/realtime").Output;
        Assert.Equal("#1 SMP PREEMPT_RT\n1\n", output);

        var machine = TwinRuns.Machine("machine: {cores: 1, kernel: {preempt: rt, cmdline: irqpoll}}\ndevices: {usb: {model: line, irq: 16, chip: ioapic, trigger: level}}");
        Assert.Contains(machine.Kernel.Dmesg, line => line.EndsWith("irqpoll boot option not supported with PREEMPT_RT", StringComparison.Ordinal));
        KernelTask thread = Assert.Single(machine.Kernel.Tasks, task => task.Comm == "irq/16-usb");
        Assert.Equal((SchedulingPolicy.Fifo, 50), (thread.Policy, thread.RtPriority));
    }

    [Fact]
    public void Other_kernels_have_no_file_that_says_realtime() =>
        Assert.Equal(1, TwinRuns.Machine("machine: {cores: 1}").Run("cat /sys/kernel/realtime").Status);

    /// <summary>A task that asked for a shorter slice wakes while the processor switches to another: that one goes back to user mode only to give way, and does not wait for the tick.</summary>
    [Theory]
    [InlineData("preempt=lazy")]
    [InlineData("preempt=full")]
    public void A_wish_that_comes_during_a_switch_is_honoured_on_the_way_to_user_mode(string cmdline)
    {
        var bench = new SchedulingBench(cmdline: cmdline);
        bench.Hog();
        SleeperTask task = bench.Sleeper(slicePs: 100 * SimTime.Microsecond);
        bench.WakeAt(bench.Bench.Kernel.Costs.ContextSwitch / 4, task);
        bench.RunUntil(10 * SimTime.Millisecond);
        Assert.InRange(Assert.Single(task.DonePs), 10 * SimTime.Microsecond, 20 * SimTime.Microsecond);
    }
}
