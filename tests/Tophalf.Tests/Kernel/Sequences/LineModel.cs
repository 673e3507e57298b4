using Tophalf.Linux;

namespace Tophalf.Tests.Kernel.Sequences;

internal enum LineType { Message, LevelPin, EdgePin, ManagedMessage }

/// <summary>What one line should be like, worked out from the kernel's rules in the most straightforward way; see <see cref="MachineModel"/>.</summary>
internal sealed class LineModel(LineType type, CpuMask mask)
{
    public LineType Type { get; } = type;
    public bool[] Actions { get; } = new bool[2];
    public int Depth = 1, Cpu = -1, PreviousCpu = -1, Handled;
    public long CleanupJiffy = long.MaxValue;
    public bool Masked = true, Started, ManagedShutdown, Pending, DevicePending, Asserted, MoveInProgress, Chosen;
    public CpuMask Own = mask;
    public CpuMask? PendingMask;
    public int[] Counts { get; } = new int[LineOperation.Cpus];

    public bool IsManaged => Type == LineType.ManagedMessage;
    public bool IsRequested => Actions[0] || Actions[1];
    public bool IsMoving => PreviousCpu >= 0;

    public override string ToString() =>
        $"cpu {Cpu} depth {Depth} affinity {(PendingMask ?? Own).ToList()} counts {string.Join(",", Counts)} handled {Handled}";
}
