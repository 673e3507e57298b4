namespace Tophalf.Linux;

/// <summary>Something in a text that a reader could not use, or that cannot be right. The rest of the text was read all the same.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
public readonly record struct ReaderProblem(int Line, int Column, string Says);
