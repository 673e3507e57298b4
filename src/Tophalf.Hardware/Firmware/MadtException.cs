using System.Globalization;

namespace Tophalf.Hardware.Firmware;

/// <summary>
/// Bytes that are not a MADT. The message is <c>byte OFFSET: what is wrong; what to give instead</c> and wants only the program's
/// name and the file's in front.
/// </summary>
public sealed class MadtException(int offset, string problem, string remedy)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"byte {offset}: {problem}; {remedy}"))
{
    /// <summary>Where the trouble begins, from the start of the table.</summary>
    public int Offset { get; } = offset;
    public string Problem { get; } = problem;
    public string Remedy { get; } = remedy;
}
