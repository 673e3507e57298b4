using FsCheck;
using FsCheck.Fluent;
using Tophalf.Kernel.Nmi;
using Xunit;

namespace Tophalf.Tests.Kernel.Nmi;

/// <summary>
/// An NMI that comes while another is handled, let in by a breakpoint's IRET (arch/x86/entry/entry_64.S, asm_exc_nmi): the stack holds, and nothing is lost, whenever it comes.
/// </summary>
public class NmiEntryTests
{
    private enum Move { Step, Nmi, Breakpoint }

    private static NmiWalk InHandler(bool isNaive, bool fromUser = false)
    {
        var walk = new NmiWalk(isNaive, fromUser);
        walk.Nmi();
        Assert.True(walk.StepUntil(() => walk.IsInHandler));
        return walk;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_nmi_alone_returns_to_what_it_interrupted(bool isNaive)
    {
        NmiWalk walk = InHandler(isNaive);
        Assert.True(walk.StepUntil(() => walk.IsBack));
        Assert.Equal((1, 0), (walk.Rounds, walk.Unserved));
    }

    [Fact]
    public void One_that_waits_behind_the_latch_comes_at_the_iret()
    {
        NmiWalk walk = InHandler(isNaive: false);
        walk.Nmi();
        walk.Nmi();
        Assert.True(walk.Cpu.IsNmiPending);
        Assert.True(walk.StepUntil(() => walk.IsBack));
        Assert.Equal((3, 2), (walk.Arrived, walk.Rounds));
    }

    [Fact]
    public void Nested_behind_a_breakpoint_it_bends_the_iret_frame_and_the_first_goes_round_again()
    {
        NmiWalk walk = InHandler(isNaive: false);
        walk.HitBreakpoint();
        walk.Nmi();
        Assert.True(walk.StepUntil(() => walk.IsInHandler));
        Assert.Equal(1, walk.Rounds);
        Assert.Equal($"""
            top-8    original ss       18
            top-16   original rsp      {walk.Top - 0x110:x}
            top-24   original rflags   2
            top-32   original cs       10
            top-40   original rip      exc_nmi
            top-48   saved rdx         0
            top-56   executing         1
            top-64   iret ss           18
            top-72   iret rsp          {walk.Top - 136:x}
            top-80   iret rflags       2
            top-88   iret cs           10
            top-96   iret rip          repeat_nmi
            top-104  outermost ss      18
            top-112  outermost rsp     {walk.Cpu.Rsp0 - 0x120:x}
            top-120  outermost rflags  2
            top-128  outermost cs      10
            top-136  outermost rip     the interrupted code

            """, walk.Picture(isNaive: false));
        Assert.True(walk.StepUntil(() => walk.IsBack));
        Assert.Equal(2, walk.Rounds);
    }

    [Fact]
    public void Entered_naively_the_nested_one_leaves_its_own_frame_and_the_interrupted_code_is_lost()
    {
        NmiWalk walk = InHandler(isNaive: true);
        string before = walk.Picture(isNaive: true);
        walk.HitBreakpoint();
        walk.Nmi();
        Assert.False(walk.StepUntil(() => walk.IsBack));
        Assert.Contains("original rip      the interrupted code", before);
        Assert.Contains("original rip      exc_nmi", walk.Picture(isNaive: true));
        Assert.DoesNotContain("the interrupted code", walk.Picture(isNaive: true));
    }

    [Fact]
    public void From_user_mode_the_nested_one_reaches_exc_nmi_and_is_latched_there()
    {
        NmiWalk walk = InHandler(isNaive: false, fromUser: true);
        walk.HitBreakpoint();
        walk.Nmi();
        Assert.True(walk.StepUntil(() => walk.IsBack));
        Assert.Equal((2, 0), (walk.Rounds, walk.Unserved));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void At_every_instruction_of_a_repeated_nmi_another_may_come(bool fromUser)
    {
        for (int steps = 0; steps < 60; steps++)
        {
            NmiWalk walk = InHandler(isNaive: false, fromUser);
            walk.HitBreakpoint();
            walk.Nmi();
            for (int i = 0; i < steps; i++) walk.Step();
            walk.Nmi();
            Assert.True(walk.StepUntil(() => walk.IsBack), $"an NMI after {steps} instructions");
            Assert.Equal(0, walk.Unserved);
        }
    }

    [Fact]
    public void Whatever_the_order_of_nmis_breakpoints_and_instructions_nobody_is_lost() => Check(isNaive: false, QuickThrowing);

    [Fact]
    public void Entered_naively_some_order_loses_the_machine()
    {
        Exception found = Assert.ThrowsAny<Exception>(() => Check(isNaive: true, QuickThrowing));
        // The shortest there is: a breakpoint in the handler, and an NMI behind it.
        Assert.Contains("Falsifiable", found.Message);
    }

    private static Config QuickThrowing => Config.QuickThrowOnFailure.WithMaxTest(2000);

    private static void Check(bool isNaive, Config config)
    {
        Gen<Move[]> moves = Gen.Frequency((6, Gen.Constant(Move.Step)), (2, Gen.Constant(Move.Nmi)), (1, Gen.Constant(Move.Breakpoint))).ArrayOf(80);
        Prop.ForAll(moves.ToArbitrary(), ArbMap.Default.ArbFor<bool>(), (sequence, fromUser) =>
        {
            var walk = new NmiWalk(isNaive, fromUser && !isNaive);
            foreach (Move move in sequence)
            {
                switch (move)
                {
                    case Move.Nmi: walk.Nmi(); break;
                    case Move.Breakpoint: walk.HitBreakpoint(); break;
                    default: walk.Step(); break;
                }
            }
            return walk.StepUntil(() => walk.IsBack) && walk.Unserved == 0;
        }).Check(config);
    }
}
