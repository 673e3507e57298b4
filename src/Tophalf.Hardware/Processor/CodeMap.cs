using System.Runtime.InteropServices;

namespace Tophalf.Hardware.Processors;

/// <summary>Code that a gate points at. It runs with the frame already on the stack and, behind an interrupt gate, with IF clear.</summary>
public delegate void EntryPoint(Processor processor, int vector, long nowPs);

/// <summary>Which code stands at which address. Whoever installs a gate also says what runs there; hardware only knows the address.</summary>
public sealed class CodeMap
{
    private readonly Dictionary<ulong, EntryPoint> _entries = [];

    public void Place(ulong address, EntryPoint entry) => _entries[address] = entry;
    public EntryPoint? At(ulong address) => _entries.GetValueOrDefault(address);
}

/// <summary>What the processor pushed, lowest address first (SDM 3A figure 6-9); the same 40 bytes in memory.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct InterruptFrame(ulong Rip, ulong Cs, ulong Rflags, ulong Rsp, ulong Ss);
