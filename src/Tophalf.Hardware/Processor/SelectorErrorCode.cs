namespace Tophalf.Hardware.Processors;

/// <summary>
/// Error code of a fault over a selector or a gate (SDM 3A §6.13, figure 6-7).
/// <code>
///   15..3 index    2 TI (LDT)    1 IDT    0 EXT: the event being delivered came from outside the program, or was itself a fault
/// </code>
/// </summary>
public readonly record struct SelectorErrorCode(int Raw)
{
    public bool IsExternal => (Raw & 1) != 0;
    public bool IsIdt => (Raw & 2) != 0;
    public bool IsLdt => (Raw & 4) != 0;
    public int Index => Raw >> 3;

    public static SelectorErrorCode OfGate(int vector, bool external) => new(vector << 3 | 2 | (external ? 1 : 0));
    public static SelectorErrorCode OfSelector(ushort selector, bool external) => new((selector & 0xFFFC) | (external ? 1 : 0));
}

/// <summary>Why an event could not be delivered: the fault to deliver instead.</summary>
public readonly record struct DeliveryFault(int Vector, SelectorErrorCode ErrorCode)
{
    public static DeliveryFault None => new(-1, default);
    public bool IsNone => Vector < 0;

    public override string ToString() => IsNone ? "none" : $"{ExceptionTable.All[Vector].Mnemonic}(0x{ErrorCode.Raw:x})";
}

/// <summary>What is being delivered. Only the three software interrupts are checked against the gate's DPL, and only they leave EXT clear.</summary>
public enum EventSource : byte { Hardware, Exception, Int1, IntN, Int3, Into }
