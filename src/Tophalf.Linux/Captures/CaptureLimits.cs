namespace Tophalf.Linux.Captures;

/// <summary>How large a capture can be. Archives come from strangers, and machines to capture may be busy.</summary>
public static class CaptureLimits
{
    /// <summary>Of all files together, unpacked, in bytes.</summary>
    public const long MaxTotal = 512 << 20;

    /// <summary>Of one file, in bytes.</summary>
    public const int MaxFile = 32 << 20;

    public const int MaxEntries = 200_000;

    /// <summary>Files a capture writes; far fewer than it would read.</summary>
    public const int MaxFilesTaken = 100_000;

    public static TimeSpan CommandTime { get; } = TimeSpan.FromSeconds(10);
}
