namespace Tophalf.Kernel.Context;

/// <summary>
/// Unwinds code of the twin's kernel that would never get further: it panicked, or spins for a lock it holds itself. Who called it (an interrupt's entry, a task)
/// makes that the processor's fate; nobody else may catch it.
/// </summary>
public sealed class CodeNeverReturnsException() : Exception("this code never gets further");
