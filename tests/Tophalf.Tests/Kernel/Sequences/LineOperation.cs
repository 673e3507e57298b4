using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Tests.Kernel.Sequences;

internal enum OperationKind { Request, Free, Disable, Enable, Affinity, Raise, Offline, Online, RaiseAndOffline, Wait }

/// <summary>One thing done to a machine with five lines and three processors.</summary>
internal readonly record struct LineOperation(OperationKind Kind, int Line, int Argument)
{
    public const int Cpus = 3, Lines = 5;

    public CpuMask Mask
    {
        get
        {
            CpuMask mask = CpuMask.Empty;
            for (int cpu = 0; cpu < Cpus; cpu++)
            {
                if ((Argument >> cpu & 1) != 0) mask = mask.With(cpu);
            }
            return mask;
        }
    }

    /// <summary>Raising and requesting come most often, so that sequences do something.</summary>
    private static readonly OperationKind[] Urn =
    [
        OperationKind.Request, OperationKind.Request, OperationKind.Request, OperationKind.Free, OperationKind.Disable, OperationKind.Enable, OperationKind.Enable,
        OperationKind.Affinity, OperationKind.Affinity, OperationKind.Raise, OperationKind.Raise, OperationKind.Raise, OperationKind.Raise,
        OperationKind.Offline, OperationKind.Online, OperationKind.RaiseAndOffline, OperationKind.Wait,
    ];

    public static List<LineOperation> Draw(RandomStream random)
    {
        var operations = new List<LineOperation>();
        for (int left = 4 + random.NextInt(20); left > 0; left--)
        {
            OperationKind kind = Urn[random.NextInt(Urn.Length)];
            int argument = kind is OperationKind.Offline or OperationKind.Online or OperationKind.RaiseAndOffline ? random.NextInt(Cpus)
                : kind == OperationKind.Affinity ? random.NextInt(1 << Cpus)
                : random.NextInt(2);
            operations.Add(new LineOperation(kind, random.NextInt(Lines), argument));
        }
        return operations;
    }
}
