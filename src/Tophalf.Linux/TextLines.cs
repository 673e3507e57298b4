namespace Tophalf.Linux;

/// <summary>
/// The lines of a dump, freed of what mail programs and terminals add around them: "> " quote marks in front;
/// blanks, carriage returns and a console's literal "^M" behind. Enumerate with <c>foreach</c>.
/// </summary>
internal ref struct TextLines(string text)
{
    private ReadOnlySpan<char> _rest = text;
    private bool _done = text.Length == 0;

    public TextLine Current { get; private set; }

    public readonly TextLines GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_done)
            return false;
        int newline = _rest.IndexOf('\n');
        ReadOnlySpan<char> raw = newline < 0 ? _rest : _rest[..newline];
        Current = new TextLine(Current.Number + 1, raw);
        _rest = newline < 0 ? default : _rest[(newline + 1)..];
        _done = _rest.IsEmpty;
        return true;
    }
}

/// <summary>One line: its number from 1 and its text, of which <see cref="FirstColumn"/> (from 1) is the place in the file.</summary>
internal readonly ref struct TextLine
{
    public TextLine(int number, ReadOnlySpan<char> raw)
    {
        int start = 0;
        while (start < raw.Length && raw[start] == '>')
            start += start + 1 < raw.Length && raw[start + 1] == ' ' ? 2 : 1;
        ReadOnlySpan<char> text = raw[start..].TrimEnd();
        while (text.EndsWith("^M"))
            text = text[..^2].TrimEnd();
        Number = number;
        FirstColumn = start + 1;
        Text = text;
    }

    public int Number { get; }
    public int FirstColumn { get; }
    public ReadOnlySpan<char> Text { get; }

    /// <summary>The column of the field taken last, for a walk over the whole line.</summary>
    public int ColumnOf(Fields fields, ReadOnlySpan<char> field) => FirstColumn + fields.Taken - field.Length;
}
