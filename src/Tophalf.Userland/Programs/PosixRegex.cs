using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Tophalf.Userland.Shell.Expansion;

namespace Tophalf.Userland.Programs;

/// <summary>
/// Basic and extended regular expressions (POSIX.1-2017, Base Definitions 9, with the GNU additions \+ \? \| \w \W \b \&lt; \&gt;),
/// rewritten for .NET's engine that does not backtrack, so no pattern can take more than time linear in the text.
/// Back-references are refused. Alternatives are tried in order, where POSIX takes the longest: only <c>grep -o</c> can show it.
/// </summary>
internal sealed class PosixRegex
{
    private const int LengthLimit = 4096;

    /// <summary>RE_DUP_MAX of POSIX.</summary>
    private const int RepeatLimit = 255;

    private readonly string _source;
    private readonly bool _extended;
    private readonly StringBuilder _out = new();
    private int _position;

    /// <summary>Where the groups not yet closed begin in what is written.</summary>
    private readonly Stack<int> _groups = new();

    /// <summary>Where the expression begins that a repetition would apply to; −1 where there is none.</summary>
    private int _atom = -1;

    private PosixRegex(string source, bool extended) => (_source, _extended) = (source, extended);

    public static bool TryCompile(string source, bool extended, bool literal, bool ignoreCase, [NotNullWhen(true)] out Regex? regex)
    {
        regex = null;
        string? pattern = source.Length > LengthLimit ? null : literal ? Regex.Escape(source) : new PosixRegex(source, extended).Translate();
        if (pattern is null)
            return false;
        var options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline;
        try
        {
            regex = new Regex(pattern, ignoreCase ? options | RegexOptions.IgnoreCase : options);
            return true;
        }
        // Too large for the automaton once its repetitions are written out, or not an expression after all.
        catch (Exception e) when (e is NotSupportedException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Null for an expression that is not well formed.</summary>
    private string? Translate()
    {
        while (_position < _source.Length)
            if (!Step(_source[_position++]))
                return null;
        return _groups.Count == 0 ? _out.ToString() : null;
    }

    private bool Step(char c)
    {
        switch (c)
        {
            case '\\' when _position < _source.Length:
                return Escaped(_source[_position++]);
            case '\\':
                return false;
            case '[':
                return Bracket();
            case '.':
                return Atom(".");
            case '*':
                return _atom >= 0 ? Repeat("*") : _extended || Atom(@"\*");
            case '^' when _extended || AtStart():
                return Anchor("^");
            case '$' when _extended || AtEnd():
                // .NET's $ also matches before a last newline; \z does not.
                return Anchor(@"\z");
            case '(' or ')' or '|' or '+' or '?' or '{' when _extended:
                return Operator(c);
            default:
                return Atom(Regex.Escape(c.ToString()));
        }
    }

    private bool Escaped(char c)
    {
        if (!_extended && c is '(' or ')' or '|' or '+' or '?' or '{')
            return Operator(c);
        switch (c)
        {
            case 'w':
                return Atom("[A-Za-z0-9_]");
            case 'W':
                return Atom("[^A-Za-z0-9_]");
            case 'b' or '<' or '>':
                return Anchor(@"\b");
            case >= '1' and <= '9':
                return false;
            default:
                return Atom(Regex.Escape(c.ToString()));
        }
    }

    private bool Operator(char c)
    {
        switch (c)
        {
            case '(':
                _groups.Push(_out.Length);
                return Anchor("(");
            case ')' when _groups.Count > 0:
                _out.Append(')');
                _atom = _groups.Pop();
                return true;
            case ')':
                return _extended && Atom(@"\)");
            case '|':
                return Anchor("|");
            case '{':
                return _atom >= 0 ? Interval() : Atom(@"\{");
            default:
                return _atom >= 0 ? Repeat(c.ToString()) : _extended || Atom(Regex.Escape(c.ToString()));
        }
    }

    /// <summary>{m}, {m,} or {m,n} behind the opening brace; closed by \} in a basic expression.</summary>
    private bool Interval()
    {
        string close = _extended ? "}" : @"\}";
        int end = _source.IndexOf(close, _position, StringComparison.Ordinal);
        if (end < 0)
            return _extended && Atom(@"\{");
        string[] bounds = _source[_position..end].Split(',');
        if (bounds.Length > 2 || !TryBound(bounds[0], out int least) || bounds is [_, not ""] && !TryBound(bounds[1], out _))
            return false;
        int most = bounds is [_, not ""] ? int.Parse(bounds[1], CultureInfo.InvariantCulture) : least;
        _position = end + close.Length;
        return most >= least && Repeat(bounds is [_, ""] ? $"{{{least},}}" : $"{{{least},{most}}}");
    }

    private static bool TryBound(string text, out int bound) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out bound) && bound <= RepeatLimit;

    private bool Bracket()
    {
        bool negated = _position < _source.Length && _source[_position] == '^';
        if (negated)
            _position++;
        var set = new StringBuilder(negated ? "[^" : "[");
        for (bool first = true; _position < _source.Length; first = false)
        {
            char c = _source[_position];
            if (c == ']' && !first)
            {
                _position++;
                return Atom(set.Append(']').ToString());
            }
            if (CharacterClass.TryRead(_source, ref _position, out string name))
            {
                for (char member = '\0'; member < 128; member++)
                    if (CharacterClass.Contains(name, member))
                        AppendMember(set, member);
                continue;
            }
            _position++;
            if (_position + 1 < _source.Length && _source[_position] == '-' && _source[_position + 1] != ']')
            {
                char high = _source[_position + 1];
                if (high < c)
                    return false;
                AppendMember(set, c);
                AppendMember(set.Append('-'), high);
                _position += 2;
            }
            else
                AppendMember(set, c);
        }
        return false;
    }

    private static void AppendMember(StringBuilder set, char c) =>
        set.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");

    private bool Atom(string text)
    {
        _atom = _out.Length;
        _out.Append(text);
        return true;
    }

    /// <summary>Writes what cannot be repeated.</summary>
    private bool Anchor(string text)
    {
        _out.Append(text);
        _atom = -1;
        return true;
    }

    /// <summary>The group makes a repetition of a repetition (a**) legal, which it is in POSIX.</summary>
    private bool Repeat(string op)
    {
        _out.Insert(_atom, "(?:").Append(op).Append(')');
        return true;
    }

    private bool AtStart()
    {
        var before = _source.AsSpan(0, _position - 1);
        return before.IsEmpty || before.EndsWith(@"\(") || before.EndsWith(@"\|");
    }

    private bool AtEnd()
    {
        var after = _source.AsSpan(_position);
        return after.IsEmpty || after.StartsWith(@"\)") || after.StartsWith(@"\|");
    }
}
