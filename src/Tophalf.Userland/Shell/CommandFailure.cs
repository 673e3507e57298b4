namespace Tophalf.Userland.Shell;

/// <summary>The command at which a script stopped.</summary>
/// <param name="Line">Its line in the script, from 1.</param>
/// <param name="Command">Its source text; empty for a syntax error.</param>
/// <param name="Status">Its exit status.</param>
/// <param name="Error">What it wrote to standard error, newlines at the end removed.</param>
public sealed record CommandFailure(int Line, string Command, int Status, string Error);
