using System.Collections.Immutable;

namespace Tophalf.Linux;

/// <summary>
/// What /proc/irq/N says of one interrupt (kernel/irq/proc.c). A file the machine does not have is null: effective_affinity
/// came with 4.13 and needs an architecture that knows it, dumps often hold only some files.
/// </summary>
/// <param name="Affinity">Where software wants it: the pending mask while a move waits, else the mask last set.</param>
/// <param name="EffectiveAffinity">Where the controller sends it.</param>
/// <param name="AffinityHint">Where the driver suggests it; empty when it does not.</param>
/// <param name="Node">NUMA node of the device, −1 for none.</param>
/// <param name="Actions">Names of the directories below, one per different name of a handler on the line.</param>
public sealed record IrqSettings(
    int Irq,
    CpuMask? Affinity,
    CpuMask? EffectiveAffinity,
    CpuMask? AffinityHint,
    int? Node,
    SpuriousCounts? Spurious,
    ImmutableArray<string> Actions);
