using System.Runtime.CompilerServices;

namespace Tophalf.Kernel.Tracing;

/// <summary>What the common fields of a record say of the context (include/linux/trace_events.h, enum trace_flag_type).</summary>
[Flags]
public enum TraceFlags
{
    None = 0,
    IrqsOff = 1,
    NeedResched = 2,
    NeedReschedLazy = 4,
    Hardirq = 8,
    Softirq = 16,
    Nmi = 32,

    /// <summary>Bottom halves are disabled.</summary>
    BhOff = 64,
}

/// <summary>The numbers of a record.</summary>
[InlineArray(Length)]
public struct TraceArguments
{
    public const int Length = 10;

    private long _first;
}

/// <summary>One event that happened.</summary>
public struct TraceRecord
{
    public Tracepoint Event { get; init; }
    public long AtPs { get; init; }
    public int Cpu { get; init; }

    /// <summary>The task that was on the processor, whatever interrupted it.</summary>
    public string Comm { get; init; }
    public int Pid { get; init; }
    public TraceFlags Flags { get; init; }
    public int PreemptDepth { get; init; }

    /// <summary>The record's string fields; null where it has none.</summary>
    public string? String { get; init; }
    public string? SecondString { get; init; }

    private TraceArguments _arguments;

    public readonly long this[int index] => _arguments[index];

    internal void Set(ReadOnlySpan<long> arguments) => arguments.CopyTo(_arguments);
}
