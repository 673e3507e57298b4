namespace Tophalf.Cli;

/// <summary>A command line, or a file named on it, that cannot be used. The message is "what is wrong; what to write instead".</summary>
internal sealed class UsageException(string message) : Exception(message);
