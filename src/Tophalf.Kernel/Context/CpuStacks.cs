using Tophalf.Hardware.Memory;
using Tophalf.Hardware.Processors;
using Tophalf.Kernel.Nmi;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Context;

/// <summary>
/// The kernel stacks of one processor (arch/x86/include/asm/page_64_types.h, irq_64.c): the task's, the one interrupts and softirqs share, and those of the
/// double fault and the NMI, each with an unmapped page below. Code that wants room on its stack says so with <see cref="Use"/>; what the entry code
/// itself pushes is counted by how many interrupts stand on each other.
/// </summary>
public sealed class CpuStacks
{
    public const int PageBytes = 4096, StackBytes = 16 * 1024;

    /// <summary>pt_regs and the frames between the entry and a handler.</summary>
    public const int EntryBytes = 512;

    private const int DoubleFaultIst = 1, NmiIst = 2;

    private readonly Kernel _kernel;
    private readonly Cpu _cpu;
    private int _irqBytes, _taskBytes;

    internal CpuStacks(Kernel kernel, Cpu cpu, PhysicalMemory memory)
    {
        _kernel = kernel;
        _cpu = cpu;
        TaskTop = Allocate(memory, StackBytes);
        IrqTop = Allocate(memory, StackBytes);
        cpu.Processor.Ist[DoubleFaultIst] = Allocate(memory, NmiEntryCode.StackBytes);
        cpu.Processor.Ist[NmiIst] = Allocate(memory, NmiEntryCode.StackBytes);
        cpu.Processor.Rsp = cpu.Processor.Rsp0 = TaskTop;
    }

    /// <summary>RAM that one processor's stacks take, guard pages and all.</summary>
    public const int BytesPerCpu = 2 * (StackBytes + PageBytes) + 2 * (NmiEntryCode.StackBytes + PageBytes);

    public ulong TaskTop { get; }
    public ulong IrqTop { get; }

    /// <summary>Bytes in use on the interrupt stack by the code that runs now, and the most there ever were.</summary>
    public int IrqBytes => _irqBytes + EntryBytes * InterruptsOnStack;
    public int MostIrqBytes { get; private set; }

    private int InterruptsOnStack => (_cpu.InHardirq ? 1 : 0) + (_cpu.IsSoftirqOnIrqStack ? 1 : 0);

    private static ulong Allocate(PhysicalMemory memory, int bytes) => memory.Allocate(PageBytes + bytes, PageBytes) + (ulong)(PageBytes + bytes);

    /// <summary>
    /// Takes <paramref name="bytes"/> of the running code's stack until the scope is disposed: of the interrupt stack in an interrupt, of the task's stack else.
    /// Where that reaches the guard page the machine panics, and this does not return.
    /// </summary>
    public StackFrame Use(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        bool onIrqStack = _cpu.InHardirq || _cpu.IsSoftirqOnIrqStack;
        if (onIrqStack)
        {
            _irqBytes += bytes;
            MostIrqBytes = Math.Max(MostIrqBytes, IrqBytes);
            if (IrqBytes > StackBytes) HitGuard("IRQ", IrqTop, IrqBytes);
        }
        else
        {
            _taskBytes += bytes;
            if (_taskBytes + EntryBytes > StackBytes) HitGuard("TASK", TaskTop, _taskBytes + EntryBytes);
        }
        return new StackFrame(this, bytes, onIrqStack);
    }

    /// <summary>
    /// The push faults, the page fault's own frame has no room either, and the double fault arrives on its own stack (arch/x86/kernel/traps.c, exc_double_fault and
    /// handle_stack_overflow).
    /// </summary>
    private void HitGuard(string stack, ulong top, int bytes)
    {
        ulong bottom = top - StackBytes, hit = top - (ulong)Math.Min(bytes, StackBytes + PageBytes);
        _cpu.Processor.Rsp = hit;
        _kernel.Log(_cpu.LocalPs, $"BUG: {stack} stack guard page was hit at {hit:x16} (stack is {bottom:x16}..{top:x16})");
        _kernel.Die("stack guard page", errorCode: 0);
    }

    internal void Release(int bytes, bool onIrqStack)
    {
        if (onIrqStack) _irqBytes -= bytes;
        else _taskBytes -= bytes;
    }
}

/// <summary>Room on a kernel stack, given back at the end of its scope.</summary>
public readonly ref struct StackFrame
{
    private readonly CpuStacks _stacks;
    private readonly int _bytes;
    private readonly bool _onIrqStack;

    internal StackFrame(CpuStacks stacks, int bytes, bool onIrqStack)
    {
        _stacks = stacks;
        _bytes = bytes;
        _onIrqStack = onIrqStack;
    }

    public void Dispose() => _stacks.Release(_bytes, _onIrqStack);
}
