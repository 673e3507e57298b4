namespace Tophalf.Simulation;

/// <summary>Where a number comes from, in descending order of trust.</summary>
public enum CostStatus
{
    /// <summary>Read in the named measurement or specification.</summary>
    VERIFIED,

    /// <summary>Arithmetic on other figures, shown in the source column.</summary>
    DERIVED,

    /// <summary>The textbook figures that introductions to interrupts use.</summary>
    TEXT,

    /// <summary>From memory or chosen: the right order of magnitude, so show results at both ends of its range.</summary>
    RECALLED,
}

/// <summary>One row of a cost table.</summary>
/// <param name="Primitive">What costs: <c>eoi</c>, <c>kernel_entry</c>, <c>copy_per_byte</c>.</param>
/// <param name="ValuePs">Picoseconds, or picoseconds per byte where <paramref name="Unit"/> says so; whole except per byte.</param>
/// <param name="Unit">The unit of the table: <c>ns</c>, <c>us</c> or <c>ns/byte</c>.</param>
/// <param name="Range">What other machines and kernels show, in the same unit, as <c>40-200</c>; <c>-</c> if nothing is known.</param>
/// <param name="Status">How far the value can be trusted.</param>
/// <param name="Source">Where it was read or how it was derived.</param>
public sealed record CostEntry(string Primitive, double ValuePs, string Unit, string Range, CostStatus Status, string Source)
{
    public bool IsPerByte => Unit.EndsWith("/byte", StringComparison.Ordinal);
}
