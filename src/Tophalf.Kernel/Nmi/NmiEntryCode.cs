using Tophalf.Hardware.Memory;
using Tophalf.Hardware.Processors;

namespace Tophalf.Kernel.Nmi;

/// <summary>Where the entry code stopped.</summary>
public enum NmiEntryStop
{
    /// <summary>At the first instruction of exc_nmi.</summary>
    Handler,

    /// <summary>Behind an IRET, in code that is not the entry's.</summary>
    Returned,
}

/// <summary>
/// asm_exc_nmi (arch/x86/entry/entry_64.S), instruction by instruction, on one processor's registers and the bytes of its NMI stack.
/// <para>
/// An NMI always starts at the top of its stack, whoever it interrupts, and a breakpoint or page fault in its handler lets the next one in with its IRET.
/// That one would write its frame over the first's. So the first NMI keeps three frames; from the top of the stack down:
/// <code>
///   original    what hardware pushed; the next NMI's frame lands here
///   rdx         scratch
///   executing   1 from repeat_nmi to the exit
///   iret        what the exit's IRET pops; a nested NMI makes it return to repeat_nmi
///   outermost   a copy of the original that nobody touches again
/// </code>
/// A nested NMI runs no handler: it bends the iret frame and returns, and the first one goes round once more. With <paramref name="isNaive"/> there is only the
/// original frame, and a nested NMI ruins it.
/// </para>
/// </summary>
public sealed class NmiEntryCode(Processor processor, PhysicalMemory memory, bool isNaive)
{
    /// <summary>The instructions, each with an address of its own.</summary>
    public enum At
    {
        SaveRdx, FromUser, CheckRepeating, CheckExecuting, CheckStack,
        BendIretFrame, NestedOut, NestedIret,
        ReserveExecuting, ReserveIretFrame, CopyOutermost,
        RepeatNmi, Rewind, CopySs, CopyRsp, CopyRflags, CopyCs, CopyRip, SkipOutermost,
        EndRepeatNmi, CallHandler, RestoreRegisters, SetDf, ClearExecuting, Iret,
        UserCallHandler, UserIret,
        NaiveSave, NaiveCallHandler, NaiveRestore, NaiveIret,
    }

    public const ulong Start = 0xFFFF_FFFF_8200_1400;

    /// <summary>Where exc_nmi stands: what an NMI or a breakpoint in a handler finds as RIP.</summary>
    public const ulong Handler = 0xFFFF_FFFF_8101_2340;

    public const int StackBytes = 8 * 1024, FrameBytes = 40;
    private const int InstructionBytes = 4, RegisterBytes = 16 * 8;
    private const ulong Word = 8;

    private ulong _rdx;

    public static ulong AddressOf(At at) => Start + (ulong)((int)at * InstructionBytes);

    /// <summary>The instruction at an address of this code; null elsewhere.</summary>
    public static At? InstructionAt(ulong rip) =>
        rip - Start < (ulong)((int)At.NaiveIret + 1) * InstructionBytes ? (At)((rip - Start) / InstructionBytes) : null;

    /// <summary>Runs from the instruction RIP points at to the first of the handler, or until an IRET has left this code. No event comes between.</summary>
    public NmiEntryStop Run()
    {
        while (InstructionAt(processor.Rip) is { } at)
        {
            Step(at);
            if (at is At.CallHandler or At.UserCallHandler or At.NaiveCallHandler) return NmiEntryStop.Handler;
        }
        return NmiEntryStop.Returned;
    }

    /// <summary>exc_nmi returns to behind its call.</summary>
    public void ReturnFromHandler() => processor.Rip = Pop();

    /// <summary>One instruction; what waits for its end is the caller's to let in.</summary>
    public void Step(At at)
    {
        At next = at + 1;
        switch (at)
        {
            case At.SaveRdx:
                processor.DirectionFlag = false;
                if (isNaive) next = At.NaiveSave;
                else
                {
                    Push(_rdx);
                    if ((Load(2) & 3) == 0) next = At.CheckRepeating;
                }
                break;
            case At.FromUser: MoveToTaskStack(); next = At.UserCallHandler; break;

            case At.CheckRepeating: next = IsRepeating(Load(1)) ? At.NestedOut : At.CheckExecuting; break;
            case At.CheckExecuting: next = Load(-1) == 1 ? At.BendIretFrame : At.CheckStack; break;
            case At.CheckStack: next = CameFromNmiStack() ? At.BendIretFrame : At.ReserveExecuting; break;

            case At.BendIretFrame: BendIretFrame(); break;
            case At.NestedOut: _rdx = Pop(); break;
            case At.NestedIret or At.Iret or At.UserIret or At.NaiveIret:
                processor.InterruptReturn();
                return;

            case At.ReserveExecuting:
                _rdx = Load(0);
                Push(0);
                break;
            case At.ReserveIretFrame: processor.Rsp -= FrameBytes; break;
            case At.CopyOutermost:
                for (int i = 0; i < 5; i++) Push(Load(11));
                break;

            case At.RepeatNmi: Store(10, 1); break;
            case At.Rewind: processor.Rsp += 10 * Word; break;
            case >= At.CopySs and <= At.CopyRip: Push(Load(-6)); break;
            case At.SkipOutermost: processor.Rsp -= FrameBytes; break;
            case At.EndRepeatNmi or At.NaiveSave: processor.Rsp -= RegisterBytes; break;

            case At.CallHandler or At.UserCallHandler or At.NaiveCallHandler:
                Push(AddressOf(at + 1));
                processor.Rip = Handler;
                return;

            case At.RestoreRegisters: processor.Rsp += RegisterBytes + FrameBytes; break;
            case At.SetDf: processor.DirectionFlag = true; break;
            case At.ClearExecuting: Store(5, 0); break;
            case At.NaiveRestore: processor.Rsp += RegisterBytes; break;
        }
        processor.Rip = AddressOf(next);
    }

    /// <summary>Interrupted where the outer NMI writes the iret frame: it is about to run its handler anyway.</summary>
    private static bool IsRepeating(ulong rip) => rip >= AddressOf(At.RepeatNmi) && rip < AddressOf(At.EndRepeatNmi);

    /// <summary>
    /// The outer NMI has cleared its mark and not yet returned: it still stands on this stack. User space may point RSP here too on its way into a system call,
    /// but never with DF set, which the exit sets for just this reason.
    /// </summary>
    private bool CameFromNmiStack()
    {
        ulong top = processor.Rsp + 6 * Word, interrupted = Load(4);
        return interrupted <= top && interrupted >= top - StackBytes && (Load(3) & Processor.DirectionFlagBit) != 0;
    }

    /// <summary>Writes a frame over the outer NMI's iret frame that leads to repeat_nmi, with the stack standing at the outermost frame.</summary>
    private void BendIretFrame()
    {
        processor.Rsp -= Word;
        ulong outermost = processor.Rsp - 10 * Word;
        Push(Processor.KernelData);
        Push(outermost);
        Push(processor.Rflags);
        Push(Processor.KernelCode);
        Push(AddressOf(At.RepeatNmi));
        processor.Rsp += 6 * Word;
    }

    /// <summary>
    /// From user mode there is nobody below on the kernel's stacks: the frame moves to the task's stack, which leaves the NMI stack to the next.
    /// </summary>
    private void MoveToTaskStack()
    {
        ulong from = processor.Rsp + Word;
        processor.Rsp = processor.Rsp0;
        for (int i = 4; i >= 0; i--) Push(memory.Read64(from + (ulong)i * Word));
    }

    private ulong Load(int words) => memory.Read64(processor.Rsp + (ulong)(words * (long)Word));
    private void Store(int words, ulong value) => memory.Write64(processor.Rsp + (ulong)(words * (long)Word), value);

    private void Push(ulong value)
    {
        processor.Rsp -= Word;
        memory.Write64(processor.Rsp, value);
    }

    private ulong Pop()
    {
        ulong value = memory.Read64(processor.Rsp);
        processor.Rsp += Word;
        return value;
    }
}
