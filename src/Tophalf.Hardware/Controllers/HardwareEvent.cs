using Tophalf.Simulation;

namespace Tophalf.Hardware.Controllers;

/// <summary>What software did to a register, or asked of the interrupt hardware, that the manual does not define or that had no effect.</summary>
public enum HardwareEventKind : byte
{
    ReservedRead, ReservedWrite, ReadOnlyWritten, WriteOnlyRead, ReservedBits, Misaligned,
    IllegalVector, IllegalCommand, GeneralProtection, NoTarget, NoAnswer, Shutdown,
}

/// <summary>One such access: which unit, which register by its name in the manual, where it lies (offset, index or MSR number) and the value involved.</summary>
public readonly record struct HardwareEvent(long AtPs, HardwareEventKind Kind, string Unit, string Register, ulong Address, ulong Value)
{
    public override string ToString() => $"{SimTime.Format(AtPs)} {Unit}: {What}";

    private string What => Kind switch
    {
        HardwareEventKind.ReservedRead => $"read of {Register} at 0x{Address:x}, which is reserved",
        HardwareEventKind.ReservedWrite => $"write of 0x{Value:x} to {Register} at 0x{Address:x}, which is reserved",
        HardwareEventKind.ReadOnlyWritten => $"write of 0x{Value:x} to {Register} at 0x{Address:x}, which is read-only",
        HardwareEventKind.WriteOnlyRead => $"read of {Register} at 0x{Address:x}, which is write-only",
        HardwareEventKind.ReservedBits => $"write to {Register} at 0x{Address:x} with reserved bits 0x{Value:x}",
        HardwareEventKind.Misaligned => $"access to {Register} at 0x{Address:x}, which is not aligned",
        HardwareEventKind.IllegalVector => $"{Register} with vector 0x{Value:x2}, which is illegal",
        HardwareEventKind.IllegalCommand => $"{Register} 0x{Value:x}: a combination the manual forbids",
        HardwareEventKind.GeneralProtection => $"#GP(0): {Register} 0x{Address:x}, value 0x{Value:x}",
        HardwareEventKind.NoTarget => $"{Register} to 0x{Address:x} reached nobody",
        HardwareEventKind.NoAnswer => $"{Register}: no controller answered",
        _ => $"shutdown: {Register}",
    };
}

/// <summary>Who listens to them: the machine's log, and tests. Nothing on the way of an ordinary interrupt is reported here.</summary>
public interface IHardwareEvents
{
    void Report(in HardwareEvent e);
}

/// <summary>The machine's log of such accesses: the first <paramref name="capacity"/> are kept, the rest only counted, since a guest may repeat one for ever.</summary>
public sealed class HardwareLog(int capacity) : IHardwareEvents
{
    private readonly List<HardwareEvent> _events = [];

    public IReadOnlyList<HardwareEvent> Events => _events;

    /// <summary>All that were reported, kept or not.</summary>
    public long Count { get; private set; }

    public void Report(in HardwareEvent e)
    {
        Count++;
        if (_events.Count < capacity) _events.Add(e);
    }
}
