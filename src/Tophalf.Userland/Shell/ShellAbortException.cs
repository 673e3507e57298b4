namespace Tophalf.Userland.Shell;

/// <summary>An error that ends a non-interactive shell (POSIX.1-2017, Shell Command Language 2.8.1): a bad expansion, a limit. Status 2.</summary>
internal sealed class ShellAbortException(string message) : Exception(message);
