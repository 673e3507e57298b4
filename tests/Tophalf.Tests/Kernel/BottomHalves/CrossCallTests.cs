using Tophalf.Hardware.Devices;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.BottomHalves;

/// <summary>irq_work and function calls on other processors, as interrupts that /proc/interrupts counts (kernel/irq_work.c, kernel/smp.c).</summary>
public class CrossCallTests
{
    private readonly KernelBench _bench = new(cpus: 4);
    private readonly List<string> _story = [];

    private void FromHandler(Action<Cpu> action)
    {
        (PulseDevice device, IrqDesc line) = _bench.Message();
        _bench.Claim(line, device, action);
        device.Raise(_bench.NowPs);
        _bench.RunFor(10 * SimTime.Millisecond);
    }

    private void Tell(string name) => _story.Add($"{name} on CPU {_bench.Kernel.CurrentCpu!.Id} hardirq {_bench.Kernel.CurrentCpu.InHardirq}");

    private string Row(ArchInterrupt row) => string.Join(' ', _bench.Kernel.Cpus.Select(cpu => cpu.Counts[row]));

    [Fact]
    public void Irq_work_runs_in_an_interrupt_of_the_processor_to_itself()
    {
        var work = new IrqWork(_ => Tell("irq_work"));
        FromHandler(_ =>
        {
            Assert.True(_bench.Kernel.IrqWorks.Queue(work));
            Assert.False(_bench.Kernel.IrqWorks.Queue(work));
            Assert.Empty(_story);
        });
        Assert.Equal(["irq_work on CPU 0 hardirq True"], _story);
        Assert.Equal("1 0 0 0", Row(ArchInterrupt.IWI));
        Assert.Contains("IWI:          1          0          0          0", _bench.Read("/proc/interrupts"));
    }

    [Fact]
    public void Irq_work_on_another_processor_is_a_function_call_there()
    {
        FromHandler(_ => _bench.Kernel.IrqWorks.QueueOn(new IrqWork(_ => Tell("irq_work")), _bench.Kernel.Cpus[2]));
        Assert.Equal(["irq_work on CPU 2 hardirq True"], _story);
        Assert.Equal(("0 0 0 0", "0 0 1 0"), (Row(ArchInterrupt.IWI), Row(ArchInterrupt.CAL)));
    }

    [Fact]
    public void Calls_that_find_the_list_of_their_target_filled_send_no_second_interrupt()
    {
        FromHandler(_ =>
        {
            for (int i = 0; i < 3; i++) Assert.Equal(Errno.None, _bench.Kernel.SmpCalls.Single(_bench.Kernel.Cpus[1], _ => Tell("call")));
        });
        Assert.Equal(["call on CPU 1 hardirq True", "call on CPU 1 hardirq True", "call on CPU 1 hardirq True"], _story);
        Assert.Equal("0 1 0 0", Row(ArchInterrupt.CAL));
    }

    [Fact]
    public void A_call_on_each_processor_interrupts_all_but_the_caller()
    {
        FromHandler(_ => _bench.Kernel.SmpCalls.OnEach(_ => Tell("call")));
        Assert.Equal(4, _story.Count);
        Assert.Equal("0 1 1 1", Row(ArchInterrupt.CAL));
    }

    [Fact]
    public void A_processor_that_is_offline_cannot_be_called()
    {
        Assert.Equal(Errno.None, _bench.Kernel.Hotplug.Offline(3));
        Assert.Equal(Errno.ENXIO, _bench.Kernel.SmpCalls.Single(_bench.Kernel.Cpus[3], _ => Tell("call")));
    }
}
