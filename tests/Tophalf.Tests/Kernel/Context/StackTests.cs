using Tophalf.Kernel.Context;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Context;

/// <summary>The interrupt stack of 16 KiB and the page below it (arch/x86/kernel/traps.c, handle_stack_overflow).</summary>
public class StackTests
{
    private readonly KernelBench _bench = new(cpus: 2);

    private Cpu HandlerUses(params int[] bytes)
    {
        var (device, line) = _bench.Message();
        _bench.Kernel.Symbols.Add((Action<Cpu, int>)Recurse, "recurse");
        _bench.Claim(line, device, cpu => Recurse(cpu, 0));
        device.Raise(SimTime.Microsecond);
        _bench.RunFor(SimTime.Millisecond);
        return _bench.Kernel.Cpus[line.Cpu];

        void Recurse(Cpu cpu, int depth)
        {
            if (depth == bytes.Length) return;
            using StackFrame frame = cpu.Stacks.Use(bytes[depth]);
            Recurse(cpu, depth + 1);
        }
    }

    [Fact]
    public void What_nested_calls_use_adds_up_and_is_given_back()
    {
        Cpu cpu = HandlerUses(4096, 4096, 4096);
        Assert.Equal((3 * 4096 + CpuStacks.EntryBytes, 0), (cpu.Stacks.MostIrqBytes, cpu.Stacks.IrqBytes));
        Assert.Null(_bench.Kernel.PanicReason);
    }

    [Fact]
    public void One_byte_into_the_guard_page_ends_the_machine_by_way_of_a_double_fault()
    {
        Cpu cpu = HandlerUses(8192, 8192);
        ulong top = cpu.Stacks.IrqTop;
        Assert.Equal(
        [
            $"BUG: IRQ stack guard page was hit at {top - 16384 - CpuStacks.EntryBytes:x16} (stack is {top - 16384:x16}..{top:x16})",
            "Oops: stack guard page: 0000 [#1] SMP",
            $"CPU: {cpu.Id} UID: 0 PID: 0 Comm: swapper/{cpu.Id} Not tainted 6.18.0 #1",
        ], _bench.Log.Take(3));
        Assert.Equal("Kernel panic - not syncing: Fatal exception in interrupt", _bench.Log.Single(line => line.StartsWith("Kernel panic", StringComparison.Ordinal)));
        Assert.Equal("---[ end Kernel panic - not syncing: Fatal exception in interrupt ]---", _bench.Log.Last());
        Assert.All(_bench.Kernel.Cpus, each => Assert.True(each.IsStopped));
    }

    [Fact]
    public void A_machine_that_panicked_takes_no_interrupt_any_more_and_its_books_still_balance()
    {
        HandlerUses(16 * 1024);
        var (device, line) = _bench.Message("late");
        _bench.Claim(line, device);
        device.Start(new ConstantArrivals(1000), new RandomStream(1, "late"), 0);
        _bench.RunFor(SimTime.Second);
        Assert.Equal(0ul, line.Total);
    }
}
