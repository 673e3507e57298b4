using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Processors;
using Xunit;

namespace Tophalf.Tests.Hardware;

public class ProcessorEventTests
{
    private static readonly InterruptMessage Device = new(0x41, 0);

    [Fact]
    public void Two_nmis_while_blocked_are_delivered_as_one_after_iret()
    {
        var board = new Board();
        for (int i = 0; i < 3; i++) board.Cpu.SignalNmi(0);
        Assert.Equal([2], board.VectorsOf(0));
        Assert.True(board.Cpu.IsNmiBlocked && board.Cpu.IsNmiPending);
        board.Run(10_000);
        Assert.Equal([2, 2], board.VectorsOf(0));
        Assert.False(board.Cpu.IsNmiBlocked || board.Cpu.IsNmiPending);
    }

    [Fact]
    public void Int_2_runs_the_vector_and_blocks_nothing()
    {
        var board = new Board();
        board.Cpu.Execute(EventSource.IntN, 2, 0);
        Assert.False(board.Cpu.IsNmiBlocked);
        board.Cpu.SignalNmi(0);
        Assert.Equal([2, 2], board.VectorsOf(0));
    }

    [Fact]
    public void Int_n_leaves_the_apic_alone()
    {
        var board = new Board();
        board.Cpu.Execute(EventSource.IntN, 0x41, 0);
        Assert.Equal([0x41], board.VectorsOf(0));
        Assert.Equal((false, 0L), (board.Apic.IsInService(0x41), board.Apic.Acknowledged));
    }

    [Fact]
    public void Into_does_not_exist_in_64_bit_mode()
    {
        var board = new Board();
        board.Cpu.Execute(EventSource.Into, 4, 0);
        Assert.Equal([6], board.VectorsOf(0));
    }

    [Fact]
    public void User_space_may_int_3_but_not_int_0x41()
    {
        var board = new Board { HandlersReturn = false };
        board.SetGate(3, InterruptGate.Create(Board.HandlerOf(3), Processor.KernelCode, dpl: 3));
        board.Cpu.Cs = Processor.UserCode;
        board.Cpu.Execute(EventSource.Int3, 3, 0);
        board.Cpu.InterruptReturn();
        board.Cpu.Execute(EventSource.IntN, 0x41, 0);
        Assert.Equal([3, 13], board.VectorsOf(0));
        Assert.Equal(0x41ul * 8 + 2, board.Memory.Read64(board.Cpu.Rsp)); // IDT, not EXT
    }

    [Fact]
    public void Sti_opens_one_instruction_later_but_only_if_it_changed_if()
    {
        var board = new Board();
        board.Cpu.DisableInterrupts();
        board.Apic.Accept(Device, 0);
        board.Cpu.Sti();
        board.Cpu.InterruptRequested(0);
        Assert.Empty(board.Handled);
        board.Cpu.SignalNmi(0); // not held off
        board.Run(1000);
        Assert.Equal([2], board.VectorsOf(0));
        board.Cpu.CompleteInstruction(board.Queue.NowPs);
        Assert.Equal([2, 0x41], board.VectorsOf(0));
        board.Run(2000);
        board.Cpu.Sti(); // IF was set
        board.Apic.Accept(Device, board.Queue.NowPs);
        Assert.Equal([2, 0x41, 0x41], board.VectorsOf(0));
    }

    [Fact]
    public void A_stack_switch_holds_off_interrupts_nmi_and_debug_traps()
    {
        var board = new Board { HandlersReturn = false };
        board.Cpu.LoadStackSegment();
        board.Apic.Accept(Device, 0);
        board.Cpu.SignalNmi(0);
        board.Cpu.SignalDebugTrap(0);
        Assert.Empty(board.Handled);
        board.Cpu.CompleteInstruction(0);
        Assert.Equal([1, 2], board.VectorsOf(0)); // IF is clear now
    }

    [Fact]
    public void Everything_at_once_is_taken_in_the_manuals_order()
    {
        var board = new Board();
        board.Fabric.ExternalAcknowledge = nowPs =>
        {
            board.Apic.SetLint(0, active: false, nowPs);
            return 0x30;
        };
        board.Apic.Write(LocalApic.LvtLint0Offset, 0x700, 0);
        board.Cpu.SignalSmi(0); // in system management everything waits
        board.Apic.SetLint(0, active: true, 0);
        board.Apic.Accept(Device, 0);
        board.Cpu.SignalNmi(0);
        board.Cpu.SignalDebugTrap(0);
        board.Cpu.SignalMachineCheck(0);
        Assert.Equal((ActivityState.SystemManagement, 1L, 0), (board.Cpu.Activity, board.Cpu.SmiCount, board.Handled.Count));
        board.Cpu.ResumeFromSystemManagement(0);
        board.Run(10_000);
        Assert.Equal([18, 1, 2, 0x30, 0x41], board.VectorsOf(0));
    }

    [Fact]
    public void A_halted_processor_wakes_for_what_it_may_take_and_for_nothing_else()
    {
        var board = new Board();
        board.Cpu.DisableInterrupts();
        board.Cpu.Halt(0);
        board.Apic.Accept(Device, 0);
        Assert.Equal(ActivityState.Halted, board.Cpu.Activity);
        board.Cpu.SignalNmi(0);
        Assert.Equal((ActivityState.Active, 1), (board.Cpu.Activity, board.Handled.Count));
        var other = new Board();
        other.Cpu.Halt(0);
        other.Apic.Accept(Device, 0);
        Assert.Equal(ActivityState.Active, other.Cpu.Activity);
    }

    [Fact]
    public void The_thirty_two_vectors_are_those_of_the_manual()
    {
        Assert.Equal(32, ExceptionTable.All.Count);
        Assert.Equal(Enumerable.Range(0, 32), ExceptionTable.All.Select(info => (int)info.Vector));
        Assert.Equal([8, 10, 11, 12, 13, 14, 17, 21, 29, 30], Vectors(info => info.HasErrorCode));
        Assert.Equal([0, 10, 11, 12, 13, 21], Vectors(info => info.Class == FaultClass.Contributory));
        Assert.Equal([14, 20], Vectors(info => info.Class == FaultClass.PageFault));
        Assert.Equal([8, 18], Vectors(info => info.Kind == ExceptionKind.Abort));
        Assert.Equal([3, 4], Vectors(info => info.Kind == ExceptionKind.Trap));
        Assert.Equal([15, 22, 23, 24, 25, 26, 27, 31], Vectors(info => info.Kind == ExceptionKind.Reserved));
        static IEnumerable<int> Vectors(Func<ExceptionInfo, bool> where) => ExceptionTable.All.Where(where).Select(info => (int)info.Vector);
    }

    /// <summary>First down, second across; . handled, D double fault, X shutdown.</summary>
    [Fact]
    public void The_double_fault_rule_by_class()
    {
        (string Name, int Vector)[] samples = [("benign", 1), ("contributory", 13), ("page fault", 14), ("double fault", 8)];
        string table = string.Join("\n", samples.Select(first =>
            $"{first.Name,-13}" + string.Concat(samples.Take(3).Select(second => ".DX"[(int)ExceptionTable.Combine(first.Vector, second.Vector)]))));
        Assert.Equal("""
            benign       ...
            contributory .D.
            page fault   .DD
            double fault .XX
            """, table);
    }

    [Fact]
    public void A_missing_gate_is_a_fault_then_a_double_fault_then_shutdown()
    {
        var broken = new InterruptGate(0, 0);
        var board = new Board { HandlersReturn = false };
        board.SetGate(0x41, broken);
        board.Apic.Accept(Device, 0);
        Assert.Equal([13], board.VectorsOf(0));
        Assert.Equal(0x41ul * 8 + 3, board.Memory.Read64(board.Cpu.Rsp));

        board = new Board { HandlersReturn = false };
        board.SetGate(0x41, broken);
        board.SetGate(13, broken);
        board.Apic.Accept(Device, 0);
        Assert.Equal([8], board.VectorsOf(0));
        Assert.Equal(0ul, board.Memory.Read64(board.Cpu.Rsp));

        board = new Board { HandlersReturn = false };
        foreach (int vector in new[] { 0x41, 13, 8 }) board.SetGate(vector, broken);
        board.Apic.Accept(Device, 0);
        Assert.Empty(board.Handled);
        Assert.True(board.Cpu.IsShutdown);
        Assert.Equal(["shutdown: #GP(0x43) while delivering #DF"], board.Logged);
    }

    [Fact]
    public void A_page_fault_whose_gate_is_missing_is_a_double_fault()
    {
        var board = new Board { HandlersReturn = false };
        board.SetGate(14, new InterruptGate(0, 0));
        board.Cpu.Raise(14, 2, 0);
        Assert.Equal([8], board.VectorsOf(0));
    }

    [Fact]
    public void Int_14_is_not_a_page_fault()
    {
        var board = new Board { HandlersReturn = false };
        board.SetGate(14, new InterruptGate(0, 0));
        board.Cpu.Execute(EventSource.IntN, 14, 0);
        Assert.Equal([13], board.VectorsOf(0)); // benign first, so the #GP is simply delivered
    }

    [Fact]
    public void Nmi_leads_out_of_shutdown_and_a_device_does_not()
    {
        var board = new Board { HandlersReturn = false };
        board.Cpu.LoadIdt(0xFFFF_FFFF_0000_0000, 0xFFF); // nothing there
        board.Apic.Accept(Device, 0);
        Assert.True(board.Cpu.IsShutdown);
        board.Cpu.LoadIdt(board.IdtBase, 0xFFF);
        board.Apic.Accept(new InterruptMessage(0x51, 0), 0);
        Assert.True(board.Cpu.IsShutdown);
        board.Cpu.SignalNmi(0);
        Assert.Equal((ActivityState.Active, 2), (board.Cpu.Activity, board.Handled.Single().Vector));
    }

    [Fact]
    public void A_short_idt_covers_only_the_vectors_it_holds_whole()
    {
        var board = new Board { HandlersReturn = false };
        board.Cpu.LoadIdt(board.IdtBase, 0x41 * 16 + 14); // one byte short of vector 0x41
        board.Apic.Accept(Device, 0);
        Assert.Equal([13], board.VectorsOf(0));
    }
}
