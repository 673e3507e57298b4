namespace Tophalf.Hardware.Processors;

/// <summary>
/// Protected mode: 8-byte gates and a frame of 4-byte entries — 2-byte ones behind a 16-bit gate — with SS:ESP only where the privilege
/// level changes, and no alignment (SDM 3A §6.12.1).
/// </summary>
public sealed partial class Processor
{
    private DeliveryFault TryEnter32(int vector, EventSource source, int errorCode)
    {
        if (vector * InterruptGate32.Size + InterruptGate32.Size - 1 > Idtr.Limit) return GateChecks.BeyondLimit(vector, source);
        var gate = new InterruptGate32(_memory.Read64(Idtr.Base + (ulong)(vector * InterruptGate32.Size)));
        DeliveryFault fault = GateChecks.Check(gate, vector, source, Cpl);
        if (!fault.IsNone) return fault;
        if (gate.Type == GateType.Task)
        {
            // Hardware task switching is not modelled. A task gate counts as one of a type the processor does not know.
            Report(Controllers.HardwareEventKind.IllegalCommand, "task gate of vector", (uint)vector);
            return GateChecks.BeyondLimit(vector, source);
        }
        fault = GateChecks.CodeSegment(_memory, Gdtr, gate.Selector, longMode: false, source, Cpl, out int newCpl);
        if (!fault.IsNone) return fault;
        var stack = new PushDown(newCpl < Cpl ? (uint)PrivilegeStacks[newCpl] : (uint)Rsp, gate.Is16Bit ? 2 : 4);
        if (newCpl < Cpl)
        {
            Push(ref stack, StackSelector);
            Push(ref stack, (uint)Rsp);
        }
        Push(ref stack, (uint)Rflags);
        Push(ref stack, Cs);
        Push(ref stack, (uint)Rip);
        if (source == EventSource.Exception && HasErrorCode(vector)) Push(ref stack, (uint)errorCode);
        Rsp = stack.Esp;
        Cs = (ushort)((gate.Selector & 0xFFFC) | newCpl);
        Rip = gate.Offset;
        EnterFlags(gate.ClearsInterruptFlag);
        return DeliveryFault.None;
    }

    private void Push(ref PushDown stack, uint value)
    {
        stack.Esp -= (uint)stack.EntryBytes;
        if (stack.EntryBytes == 2) _memory.Write16(stack.Esp, (ushort)value);
        else _memory.Write32(stack.Esp, value);
    }

    /// <summary>As IRETD reads it: 4-byte entries, the outer stack only if CS says that the interrupt came from further out.</summary>
    private InterruptFrame FrameOnStack32()
    {
        ulong cs = _memory.Read32(Rsp + 4);
        bool fromOuterRing = (int)(cs & 3) > Cpl;
        return new(
            _memory.Read32(Rsp), cs, _memory.Read32(Rsp + 8),
            fromOuterRing ? _memory.Read32(Rsp + 12) : Rsp + 12,
            fromOuterRing ? _memory.Read32(Rsp + 16) : StackSelector);
    }

    private record struct PushDown(uint Esp, int EntryBytes);
}
