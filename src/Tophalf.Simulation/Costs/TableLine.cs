namespace Tophalf.Simulation;

/// <summary>A word and where it stands, counted from 1.</summary>
internal readonly record struct TableWord(string Text, int Line, int Column)
{
    private const int MaxQuoted = 40;

    /// <summary>The word as an error message shows it; a stranger's file may hold anything, so long words are cut.</summary>
    public override string ToString() => Text.Length <= MaxQuoted ? $"'{Text}'" : $"'{Text[..MaxQuoted]}...'";
}

/// <summary>Takes a line of an aligned table apart from left to right. Past the end there are empty words, placed where one was expected.</summary>
internal sealed class TableLine(string text, int lineNumber)
{
    private int _at;

    public bool IsBlankOrComment => text.AsSpan().TrimStart() is [] or ['#', ..];

    public TableWord NextWord()
    {
        int start = SkipBlanks();
        while (_at < text.Length && !char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }

        return new TableWord(text[start.._at], lineNumber, start + 1);
    }

    /// <summary>Everything to the end of the line.</summary>
    public TableWord Rest()
    {
        int start = SkipBlanks();
        _at = text.Length;
        return new TableWord(text[start..].TrimEnd(), lineNumber, start + 1);
    }

    private int SkipBlanks()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }

        return _at;
    }
}
