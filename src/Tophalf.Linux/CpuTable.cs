using System.Collections.Immutable;

namespace Tophalf.Linux;

/// <summary>A table with one column per CPU: /proc/interrupts or /proc/softirqs as it stands in one dump.</summary>
/// <param name="Cpus">CPU numbers of the columns, from the header line, or counted from 0 when the header is missing.</param>
/// <param name="HasHeader">Whether the dump had the header line.</param>
/// <param name="Problems">Rows that were left out or are not as the kernel prints them.</param>
internal sealed record CpuTable(ImmutableArray<int> Cpus, bool HasHeader, IReadOnlyList<CpuTableRow> Rows, IReadOnlyList<ReaderProblem> Problems);

/// <summary>One row: what stands before the colon, the counters behind it, and the rest of the line.</summary>
/// <param name="Tail">Without blanks at both ends; wrapped lines are joined by one blank.</param>
/// <param name="Line">Line number in the dump, from 1.</param>
internal readonly record struct CpuTableRow(string Label, ImmutableArray<long> Counts, string Tail, int Line);
