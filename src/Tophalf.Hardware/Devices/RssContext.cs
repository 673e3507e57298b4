namespace Tophalf.Hardware.Devices;

/// <summary>An indirection table with its key beside a function's own.</summary>
/// <param name="Table">Queue per entry, a power of two of them.</param>
/// <param name="Key">Of Toeplitz's hash.</param>
public sealed record RssContext(IReadOnlyList<int> Table, byte[] Key);
