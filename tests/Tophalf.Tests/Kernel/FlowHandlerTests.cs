using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel;

/// <summary>The flow handlers beyond edge and fasteoi, reached as software reaches them: from the handler of another line (kernel/irq/chip.c).</summary>
public class FlowHandlerTests
{
    private readonly KernelBench _bench = new(cpus: 2);
    private readonly PulseDevice _parent;
    private readonly IrqDesc _parentLine;
    private readonly RecordingChip _chip = new();
    private Action<Cpu> _inParent = _ => { };

    public FlowHandlerTests()
    {
        (_parent, _parentLine) = _bench.Message("gpio");
        _bench.Claim(_parentLine, _parent, cpu => _inParent(cpu));
    }

    private void RaiseParent()
    {
        _parent.Raise(_bench.NowPs);
        _bench.RunFor(SimTime.Millisecond);
    }

    private int Request(IrqDesc line, IrqReturn answer = IrqReturn.Handled, IrqFlags flags = IrqFlags.None) => _bench.Irqs.RequestIrq(line.Irq, (_, _) =>
    {
        _chip.Story.Add("handler");
        return answer;
    }, flags, "child", this);

    [Fact]
    public void A_level_flow_masks_and_acknowledges_before_the_handlers_and_unmasks_after()
    {
        IrqDesc line = _bench.Irqs.AddLine(_chip, FlowKind.Level, isLevel: true);
        Request(line);
        _inParent = _ => _bench.Irqs.GenericHandleIrq(line.Irq);
        _chip.Story.Clear();
        RaiseParent();
        Assert.Equal("mask ack handler unmask", string.Join(" ", _chip.Story));
    }

    [Fact]
    public void A_disabled_level_line_stays_masked_until_it_is_enabled()
    {
        IrqDesc line = _bench.Irqs.AddLine(_chip, FlowKind.Level, isLevel: true);
        Request(line);
        _inParent = _ => _bench.Irqs.GenericHandleIrq(line.Irq);
        _bench.Irqs.DisableIrq(line.Irq);
        _chip.Story.Clear();
        RaiseParent();
        _bench.Irqs.EnableIrq(line.Irq);
        Assert.Equal("mask ack unmask", string.Join(" ", _chip.Story));
        Assert.Equal(0ul, line.Total);
    }

    [Fact]
    public void A_simple_flow_touches_no_chip_and_an_untracked_one_does_not_even_count()
    {
        IrqDesc simple = _bench.Irqs.AddLine(_chip, FlowKind.Simple), untracked = _bench.Irqs.AddLine(_chip, FlowKind.Untracked);
        Request(simple, IrqReturn.None);
        Request(untracked, IrqReturn.None);
        _inParent = _ =>
        {
            _bench.Irqs.GenericHandleIrq(simple.Irq);
            _bench.Irqs.GenericHandleIrq(untracked.Irq);
        };
        _chip.Story.Clear();
        RaiseParent();
        Assert.Equal("handler handler", string.Join(" ", _chip.Story));
        Assert.Equal((1ul, 1u, 0ul, 0u), (simple.Total, simple.Unhandled, untracked.Total, untracked.Unhandled));
    }

    [Fact]
    public void A_chained_line_has_no_action_cannot_be_requested_and_calls_the_lines_behind_it()
    {
        var (device, line) = _bench.Message("mux");
        IrqDesc child = _bench.Irqs.AddLine(IrqChip.Dummy, FlowKind.Simple);
        Assert.Equal(0, Request(child));
        _bench.Irqs.SetChainedHandler(line, (_, _) => _bench.Irqs.GenericHandleIrq(child.Irq));
        Assert.Equal(-(int)Errno.EINVAL, Request(line));
        device.Raise(_bench.NowPs);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal((1ul, 0ul), (child.Total, line.Total));
    }

    [Fact]
    public void A_nested_line_needs_a_thread_function_and_runs_it_in_its_parents_context()
    {
        IrqDesc line = _bench.Irqs.AddLine(IrqChip.Dummy, FlowKind.Nested);
        Assert.Equal(-(int)Errno.EINVAL, Request(line));
        Assert.Equal(1, _bench.Irqs.RequestAnyContextIrq(line.Irq, (_, _) => IrqReturn.Handled, IrqFlags.OneShot, "child", this));
        Assert.DoesNotContain(_bench.Kernel.Tasks, task => task.Comm.StartsWith($"irq/{line.Irq}-", StringComparison.Ordinal));
        _inParent = _ => _bench.Irqs.HandleNestedIrq(line.Irq);
        RaiseParent();
        Assert.Equal((1ul, 0), (line.Total, line.ThreadsActive));
    }

    [Fact]
    public void A_per_cpu_line_with_device_ids_hands_each_processor_its_own_and_is_enabled_on_each_by_itself()
    {
        IrqDesc line = _bench.Irqs.AddLine(_chip, FlowKind.PerCpuDevid);
        object[] devIds = ["on cpu 0", "on cpu 1"];
        List<object?> seen = [];
        IrqHandler handler = (_, dev) =>
        {
            seen.Add(dev);
            return IrqReturn.Handled;
        };
        Assert.Equal(-(int)Errno.EINVAL, Request(line));
        Assert.Equal(-(int)Errno.EINVAL, _bench.Irqs.RequestPerCpuIrq(line.Irq, handler, IrqFlags.None, "timer", null));
        Assert.Equal(-(int)Errno.EINVAL, _bench.Irqs.RequestPerCpuIrq(line.Irq, handler, IrqFlags.Shared, "timer", devIds));
        Assert.Equal(0, _bench.Irqs.RequestPerCpuIrq(line.Irq, handler, IrqFlags.Timer, "timer", devIds));
        Cpu second = _bench.Kernel.Cpus[1];
        _bench.Irqs.EnablePerCpuIrq(line.Irq, second);
        Assert.Equal((false, true), (_bench.Irqs.IsPerCpuIrqEnabled(line.Irq, _bench.Kernel.Cpus[0]), _bench.Irqs.IsPerCpuIrqEnabled(line.Irq, second)));
        _inParent = _ => _bench.Irqs.GenericHandleIrq(line.Irq);
        RaiseParent();
        Assert.Equal(["on cpu 0"], seen);
        Assert.False(_bench.Irqs.FreePerCpuIrq(line.Irq, devIds));
        _bench.Irqs.DisablePerCpuIrq(line.Irq, second);
        Assert.True(_bench.Irqs.FreePerCpuIrq(line.Irq, devIds));
        RaiseParent();
        Assert.Equal([$"percpu IRQ {line.Irq} still enabled on CPU1!", $"Spurious percpu IRQ{line.Irq} on CPU0"], _bench.Log);
    }

    [Fact]
    public void A_line_nobody_set_up_refuses_requests_and_reports_what_comes()
    {
        IrqDesc line = _bench.Irqs.AddLine(IrqChip.None, FlowKind.Bad);
        Assert.Equal(-(int)Errno.ENOSYS, Request(line));
        _bench.Irqs.EnableIrq(line.Irq);
        _inParent = _ => _bench.Irqs.GenericHandleIrq(line.Irq);
        RaiseParent();
        Assert.Equal([$"enable_irq before setup/request_irq: irq {line.Irq}", $"unexpected IRQ trap at vector {line.Irq:x2}"], _bench.Log);
    }

    [Fact]
    public void Only_a_hard_interrupt_may_call_another_lines_flow()
    {
        IrqDesc line = _bench.Irqs.AddLine(IrqChip.Dummy, FlowKind.Simple);
        Assert.Equal((Errno.EPERM, Errno.EINVAL), (_bench.Irqs.GenericHandleIrq(line.Irq), _bench.Irqs.GenericHandleIrq(9999)));
    }

    /// <summary>A move leaves the handler running on the old processor while the next edge comes to the new one: the old one's loop takes it.</summary>
    [Fact]
    public void An_edge_that_comes_while_its_handler_runs_elsewhere_is_handled_there_once_more()
    {
        var (device, line) = _bench.Message("slow");
        List<(int Cpu, long AtPs)> ran = [];
        _bench.Irqs.SetAffinity(line, CpuMask.Of(0));
        _bench.Claim(line, device, cpu =>
        {
            ran.Add((cpu.Id, cpu.LocalPs));
            cpu.Spend(100 * SimTime.Microsecond);
        });
        _bench.Irqs.SetAffinity(line, CpuMask.Of(1));
        device.Raise(_bench.NowPs);
        _bench.RunFor(20 * SimTime.Microsecond);
        Assert.Equal(1, line.Cpu); // its acknowledgement moved it
        device.Raise(_bench.NowPs);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal([0, 0], ran.Select(run => run.Cpu));
        Assert.True(ran[1].AtPs >= ran[0].AtPs + 100 * SimTime.Microsecond, "the second round began before the first was over");
        Assert.Equal((1u, 0u), (line.CountOn(0), line.CountOn(1))); // the loop counts once
        device.Raise(_bench.NowPs);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal([0, 0, 1], ran.Select(run => run.Cpu));
    }

    [Fact]
    public void A_wake_up_line_is_counted_and_a_chip_that_cannot_wake_says_so()
    {
        IrqDesc line = _bench.Irqs.AddLine(IrqChip.Dummy, FlowKind.Simple);
        Assert.Equal(Errno.ENXIO, _bench.Irqs.SetIrqWake(line.Irq, on: true));
        Assert.Equal(Errno.None, _bench.Irqs.SetIrqWake(_parentLine.Irq, on: true));
        Assert.Equal(Errno.None, _bench.Irqs.SetIrqWake(_parentLine.Irq, on: true));
        Assert.Equal(2, _parentLine.WakeDepth);
        for (int i = 0; i < 3; i++) _bench.Irqs.SetIrqWake(_parentLine.Irq, on: false);
        Assert.Equal([$"Unbalanced IRQ {_parentLine.Irq} wake disable"], _bench.Log);
    }

    [Fact]
    public void A_chip_with_trigger_types_holds_its_sharers_to_them()
    {
        IrqDesc line = _bench.Irqs.AddLine(_chip, FlowKind.Level, isLevel: true);
        Assert.Equal(0, Request(line, flags: IrqFlags.Shared | IrqFlags.TriggerLow));
        Assert.Equal(IrqFlags.TriggerLow, line.TriggerType);
        Assert.Equal(-(int)Errno.EBUSY, Request(line, flags: IrqFlags.Shared | IrqFlags.TriggerHigh));
        Assert.Equal(Errno.EINVAL, _bench.Irqs.SetIrqType(line.Irq, IrqFlags.TriggerRising));
        Assert.Equal(
        [
            $"genirq: Flags mismatch irq {line.Irq}. 00200084 (child) vs. 00200088 (child)",
            $"genirq: Setting trigger mode 1 for irq {line.Irq} failed (test_set_type)",
        ], _bench.Log);
    }

    /// <summary>Writes down what is done to it; takes level triggers only.</summary>
    private sealed class RecordingChip : IrqChip
    {
        public List<string> Story { get; } = [];
        public override string Name => "test";
        public override bool UsesVectors => false;
        public override void Mask(IrqDesc desc, long nowPs) => Story.Add("mask");
        public override void Unmask(IrqDesc desc, long nowPs) => Story.Add("unmask");
        public override void Ack(IrqDesc desc, long nowPs) => Story.Add("ack");

        public override void Program(IrqDesc desc, uint apicId, long nowPs)
        {
        }

        public override Errno? SetType(IrqDesc desc, IrqFlags type) => (type & (IrqFlags.TriggerHigh | IrqFlags.TriggerLow)) != 0 ? Errno.None : Errno.EINVAL;
    }
}
