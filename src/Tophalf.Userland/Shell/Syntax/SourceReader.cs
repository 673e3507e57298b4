namespace Tophalf.Userland.Shell.Syntax;

/// <summary>The characters of a script with a position and the line it is on. Lexer, word reader and nested parsers share one.</summary>
internal sealed class SourceReader(string text, int firstLine = 1)
{
    /// <summary>Commands and words may nest this deep; more is refused before the stack runs out.</summary>
    public const int NestingLimit = 100;

    private int _nesting;

    public string Text { get; } = text;

    public int Position { get; private set; }

    public int Line { get; private set; } = firstLine;

    public bool AtEnd => Position >= Text.Length;

    /// <summary>The character <paramref name="ahead"/> places on, NUL past the end.</summary>
    public char Peek(int ahead = 0) => Position + ahead < Text.Length ? Text[Position + ahead] : '\0';

    public bool StartsWith(string expected) => string.CompareOrdinal(Text, Position, expected, 0, expected.Length) == 0;

    public char Next()
    {
        char c = Text[Position++];
        if (c == '\n')
            Line++;
        return c;
    }

    public void Skip(int count)
    {
        for (int i = 0; i < count; i++)
            Next();
    }

    /// <summary>Steps over any number of backslash-newline pairs, which the grammar does not see.</summary>
    public void SkipContinuations()
    {
        while (Peek() == '\\' && Peek(1) == '\n')
            Skip(2);
    }

    public void Enter()
    {
        if (++_nesting > NestingLimit)
            throw Error($"nested deeper than {NestingLimit}");
    }

    public void Leave() => _nesting--;

    /// <summary>Nested readers (the text in backquotes) go on counting where this one stands.</summary>
    public SourceReader Inner(string innerText) => new(innerText, Line) { _nesting = _nesting };

    public SyntaxErrorException Error(string message) => new(Line, message);
}
