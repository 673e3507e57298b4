using Tophalf.Linux;

namespace Tophalf.Kernel.Irq;

/// <summary>How the vectors of a device are spread over the processors (struct irq_affinity, kernel/irq/affinity.c).</summary>
/// <param name="PreVectors">Vectors at the front that are not spread, such as an admin queue's.</param>
/// <param name="PostVectors">Vectors at the end that are not spread.</param>
/// <param name="SetSizes">Sizes of the sets the others fall into, each spread over all processors; at most four. Null for one set of all.</param>
public sealed record IrqAffinity(int PreVectors = 0, int PostVectors = 0, IReadOnlyList<int>? SetSizes = null)
{
    /// <summary>IRQ_AFFINITY_MAX_SETS.</summary>
    public const int MaxSets = 4;

    /// <summary>irq_create_affinity_masks: a mask for each vector; none at all when no vector is left to spread.</summary>
    /// <exception cref="ArgumentException">More than four sets, or a set with a negative size.</exception>
    public IReadOnlyList<CpuMask> CreateMasks(int vectors, CpuMask defaultAffinity, CpuLayout layout)
    {
        int spread = vectors - PreVectors - PostVectors;
        if (spread <= 0) return [];
        IReadOnlyList<int> sets = SetSizes ?? [spread];
        if (sets.Count > MaxSets || sets.Any(size => size < 0))
            throw new ArgumentException($"{sets.Count} sets; an interrupt affinity has at most {MaxSets}, none of negative size", nameof(SetSizes));
        var masks = new List<CpuMask>(vectors);
        for (int i = 0; i < PreVectors; i++) masks.Add(defaultAffinity);
        foreach (int size in sets) masks.AddRange(CpuGroups.Evenly(size, layout));
        // Vectors beyond the sets, the last ones among them, belong to nobody in particular.
        while (masks.Count < vectors) masks.Add(defaultAffinity);
        if (masks.Count > vectors) masks.RemoveRange(vectors, masks.Count - vectors);
        return masks;
    }

    /// <summary>irq_calc_affinity_vectors: the most vectors that make sense for a device that offers between <paramref name="min"/> and <paramref name="max"/>.</summary>
    public int CalculateVectors(int min, int max, CpuLayout layout)
    {
        int reserved = PreVectors + PostVectors;
        if (reserved > min) return 0;
        int wanted = SetSizes is null ? layout.Possible.Count : max - reserved;
        return reserved + Math.Min(wanted, max - reserved);
    }
}
