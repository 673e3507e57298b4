namespace Tophalf.Simulation;

/// <summary>A cost table that cannot be used. The message is <c>FILE:LINE:COL: what is wrong; what to write instead</c>.</summary>
public sealed class CostSetException(string message) : FormatException(message);
