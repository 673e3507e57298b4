using Tophalf.Linux.Sampling;

namespace Tophalf.Cli.Top;

/// <summary>One line of the list of interrupts.</summary>
/// <param name="Row">Its place in the table.</param>
/// <param name="Count">Interrupts in the time shown; since boot on a machine whose time stands still.</param>
/// <param name="Lines">Those that a row of a whole device stands for; null for a line of its own.</param>
internal readonly record struct TopRow(int Row, int? Irq, string Label, string Chip, string Name, long Count, IrqPlace? Place, IReadOnlyList<TopRow>? Lines = null);

/// <summary>What stands first in the list.</summary>
internal enum TopOrder
{
    Count,
    Number,
    Device,
}
