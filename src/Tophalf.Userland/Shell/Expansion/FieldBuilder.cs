using System.Text;

namespace Tophalf.Userland.Shell.Expansion;

/// <summary>
/// Collects the fields a word expands to. Text comes in three sorts: quoted (taken as it is), literal (may hold pattern characters)
/// and expanded (also split at the characters of IFS; POSIX.1-2017, Shell Command Language 2.6.5).
/// A field is kept as a pattern, see <see cref="Pattern"/>.
/// </summary>
internal sealed class FieldBuilder(string fieldSeparators)
{
    private readonly StringBuilder _current = new();
    private bool _started;
    private bool _endedByBlank;

    public List<string> Patterns { get; } = [];

    public void Quoted(string text)
    {
        _started = true;
        _endedByBlank = false;
        Append(Pattern.Escape(text));
    }

    public void Literal(string text)
    {
        if (text.Length == 0)
            return;
        _started = true;
        _endedByBlank = false;
        Append(text.Replace("\\", "\\\\", StringComparison.Ordinal));
    }

    public void Expanded(string text)
    {
        foreach (char c in text)
        {
            if (!fieldSeparators.Contains(c))
            {
                _started = true;
                _endedByBlank = false;
                _current.Append(c == '\\' ? "\\\\" : "").Append(c);
            }
            else if (c is ' ' or '\t' or '\n')
            {
                _endedByBlank |= _started;
                EndField();
            }
            else if (_started || !_endedByBlank)
            {
                _started = true;
                EndField();
            }
            else
                _endedByBlank = false;
        }
        CheckLength();
    }

    /// <summary>Closes the current field, if one has begun.</summary>
    public void EndField()
    {
        if (!_started)
            return;
        if (Patterns.Count >= ShellLimits.Words)
            throw new RunLimitException("too many words");
        Patterns.Add(_current.ToString());
        _current.Clear();
        _started = false;
    }

    private void Append(string pattern)
    {
        _current.Append(pattern);
        CheckLength();
    }

    private void CheckLength()
    {
        if (_current.Length > ShellLimits.WordLength)
            throw new RunLimitException("word too long");
    }
}
