using Tophalf.Hardware.Controllers;
using Xunit;

namespace Tophalf.Tests.Hardware;

public class ApicPriorityTests
{
    [Theory]
    [InlineData(0x20, 0x31, 0x30)]
    [InlineData(0x45, 0x31, 0x45)]
    [InlineData(0x30, 0x31, 0x30)]
    [InlineData(0x35, 0x00, 0x35)]
    public void Processor_priority_is_the_higher_class_of_task_and_service(uint tpr, uint inService, uint ppr) =>
        Assert.Equal(ppr, ApicPriority.Processor(tpr, inService));

    [Fact]
    public void Processor_priority_agrees_with_the_manual_for_every_task_priority_and_vector_in_service()
    {
        for (uint tpr = 0; tpr < 256; tpr++)
        {
            for (uint inService = 0; inService < 256; inService++)
            {
                uint ppr = ApicPriority.Processor(tpr, inService);
                uint expectedClass = Math.Max(tpr / 16, inService / 16);
                Assert.Equal(expectedClass, ppr / 16);
                Assert.Equal(tpr / 16 >= inService / 16 ? tpr % 16 : 0, ppr % 16);
            }
        }
    }

    /// <summary>Through the registers of an APIC: every task priority, every class in service, every requested vector.</summary>
    [Fact]
    public void A_vector_is_delivered_exactly_when_its_class_beats_the_processors()
    {
        for (int inService = 0; inService < 256; inService += 16)
        {
            for (uint tpr = 0; tpr < 256; tpr += 5)
            {
                var board = new Board { HandlersReturn = false };
                if (inService >= 16) board.Apic.Accept(new InterruptMessage((byte)inService, 0), 0);
                board.Cpu.DisableInterrupts();
                board.Apic.Write(LocalApic.TprOffset, tpr, 0);
                Assert.Equal(ApicPriority.Processor(tpr, (uint)inService), board.Apic.Read(LocalApic.PprOffset, 0));
                for (int vector = 16; vector < 256; vector += 3)
                {
                    var fresh = new InterruptMessage((byte)vector, 0);
                    board.Apic.Accept(fresh, 0);
                    Assert.Equal(vector / 16 > Math.Max(tpr / 16, inService / 16), board.Apic.HasDeliverable);
                }
            }
        }
    }

    [Theory]
    [InlineData(0x50, 0x40, 0x30, 0x50)] // busy with a task above everything: its own priority
    [InlineData(0x20, 0x61, 0x30, 0x60)] // something higher waits: that one's class
    [InlineData(0x30, 0x00, 0x70, 0x30)] // in service above the task: what both have in common
    public void Arbitration_priority_tells_how_busy_a_processor_is(uint tpr, uint requested, uint inService, uint apr) =>
        Assert.Equal(apr, ApicPriority.Arbitration(tpr, requested, inService));

    [Fact]
    public void Task_priority_class_15_holds_everything_off_and_cr8_lets_it_in_again()
    {
        var board = new Board();
        Assert.True(board.Apic.TryWriteCr8(15, 0));
        Assert.Equal(0xF0u, board.Apic.Read(LocalApic.TprOffset, 0));
        board.Apic.Accept(new InterruptMessage(0xFE, 0), 0);
        Assert.Empty(board.Handled);
        board.Apic.TryWriteCr8(14, 0);
        Assert.Equal([0xFE], board.VectorsOf(0));
        Assert.False(board.Apic.TryWriteCr8(16, 0));
    }

    [Fact]
    public void A_higher_class_interrupts_a_lower_one_and_an_equal_class_waits()
    {
        var board = new Board();
        board.Apic.Accept(new InterruptMessage(0x41, 0), 0);
        board.Cpu.EnableInterrupts(0); // the handler lets others in
        board.Apic.Accept(new InterruptMessage(0x4F, 0), 0);
        board.Apic.Accept(new InterruptMessage(0x51, 0), 0);
        Assert.Equal([0x41, 0x51], board.VectorsOf(0));
        board.Run(1000);
        Assert.Equal([0x41, 0x51, 0x4F], board.VectorsOf(0));
    }

    [Fact]
    public void One_in_service_and_one_requested_coexist_and_a_third_merges()
    {
        var board = new Board();
        for (int i = 0; i < 3; i++) board.Apic.Accept(new InterruptMessage(0x41, 0), 0);
        Assert.True(board.Apic.IsInService(0x41) && board.Apic.IsRequested(0x41));
        board.Run(1000);
        Assert.Equal([0x41, 0x41], board.VectorsOf(0));
        Assert.Equal((3, 1, 2), (board.Apic.Accepted, board.Apic.Merged, board.Apic.Acknowledged));
    }

    [Fact]
    public void A_request_gone_when_the_processor_asks_is_answered_with_the_spurious_vector()
    {
        var board = new Board();
        board.Cpu.DisableInterrupts();
        board.Apic.Write(LocalApic.SvrOffset, 0x1EF, 0);
        board.Apic.Accept(new InterruptMessage(0x41, 0), 0);
        board.Apic.Write(LocalApic.TprOffset, 0x50, 0); // between INTR and INTA
        Assert.Equal(0xEF, board.Apic.Acknowledge());
        Assert.False(board.Apic.IsInService(0xEF));
        Assert.True(board.Apic.IsRequested(0x41));
        Assert.Equal(1, board.Apic.Spurious);
    }
}
