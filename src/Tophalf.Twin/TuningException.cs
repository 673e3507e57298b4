namespace Tophalf.Twin;

/// <summary>
/// A command before the clock starts failed, or a device could not be set up as asked. The message is one line,
/// <c>FILE:LINE:COL: what is wrong; what to write instead</c>.
/// </summary>
public sealed class TuningException(string message) : Exception(message);
