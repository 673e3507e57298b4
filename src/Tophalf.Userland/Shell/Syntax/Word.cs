namespace Tophalf.Userland.Shell.Syntax;

/// <summary>A word before expansion: parts that follow each other without a blank.</summary>
internal sealed record Word(IReadOnlyList<WordPart> Parts)
{
    /// <summary>The text of a word without quotes and expansions, else null: only such a word can be a keyword, a function or variable name.</summary>
    public string? Literal => Parts is [LiteralPart { Quoted: false } only] ? only.Text : null;
}

/// <summary>Quoted parts are neither split into fields nor read as patterns.</summary>
internal abstract record WordPart(bool Quoted);

internal sealed record LiteralPart(string Text, bool Quoted) : WordPart(Quoted);

/// <summary><c>$name</c>, <c>${name}</c>, <c>${#name}</c> (operator "#length"), <c>${name:-word}</c> and its kin.</summary>
internal sealed record ParameterPart(string Name, string Operator, Word? Argument, bool Quoted) : WordPart(Quoted);

/// <summary><c>$(commands)</c> or <c>`commands`</c>.</summary>
internal sealed record CommandPart(Command? Commands, bool Quoted) : WordPart(Quoted);

/// <summary><c>$((expression))</c>; the expression is itself expanded first.</summary>
internal sealed record ArithmeticPart(Word Expression, bool Quoted) : WordPart(Quoted);
