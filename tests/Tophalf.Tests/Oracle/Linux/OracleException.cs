namespace Tophalf.Tests.Oracle.Linux;

/// <summary>The real machine did not boot, died, or did not answer in time.</summary>
internal sealed class OracleException(string message) : Exception(message);
