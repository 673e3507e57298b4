namespace Tophalf.Userland.Shell.Syntax;

/// <summary>A script the grammar does not accept; <paramref name="line"/> counts from 1.</summary>
internal sealed class SyntaxErrorException(int line, string message) : Exception(message)
{
    public int Line { get; } = line;
}
