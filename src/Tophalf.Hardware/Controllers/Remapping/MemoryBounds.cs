using Tophalf.Hardware.Memory;

namespace Tophalf.Hardware.Controllers.Remapping;

/// <summary>Addresses come from software's tables and may be anything; what lies outside the memory is an access error, not a crash.</summary>
internal static class MemoryBounds
{
    public static bool Holds(this PhysicalMemory memory, ulong address, int count) =>
        count <= memory.Size && address <= (ulong)(memory.Size - count);
}
