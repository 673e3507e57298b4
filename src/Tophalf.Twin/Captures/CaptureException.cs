namespace Tophalf.Twin.Captures;

/// <summary>
/// A capture file that cannot be read on. The message says what is wrong and what to do; the caller puts the file's name before it.
/// </summary>
public sealed class CaptureException(long byteOffset, string problem, string remedy) : Exception($"byte {byteOffset}: {problem}; {remedy}")
{
    internal const string DamageRemedy = "keep the whole packets before it with tcpdump -r FILE -w NEW, or record it again";

    /// <summary>Where in the file the trouble begins.</summary>
    public long ByteOffset { get; } = byteOffset;
}
