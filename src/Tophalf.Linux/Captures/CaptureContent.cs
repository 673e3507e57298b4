namespace Tophalf.Linux.Captures;

/// <summary>A command that was run for a capture.</summary>
public sealed record CapturedCommand(string Line, CommandResult Result);

/// <summary>Something a capture lacks, why, and how to get it.</summary>
public sealed record MissingPart(string Path, string Why, string Remedy);

/// <summary>What a capture holds: the same machine at two moments.</summary>
/// <param name="First">All files.</param>
/// <param name="Second">Counters, read again later.</param>
/// <param name="ApartNs">Time between the two readings.</param>
/// <param name="Trace">Interrupt events of the time between, as the kernel prints them; null where it let nobody see.</param>
/// <param name="IsRedacted">Whether addresses and host names were replaced.</param>
public sealed record CaptureContent(
    SavedTree First, SavedTree Second, long ApartNs, IReadOnlyList<CapturedCommand> Commands, string? Trace, IReadOnlyList<MissingPart> Missing, bool IsRedacted);
