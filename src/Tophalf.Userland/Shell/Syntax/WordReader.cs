using System.Text;

namespace Tophalf.Userland.Shell.Syntax;

/// <summary>Reads one word: quotes, <c>$</c> expansions, backquotes (POSIX.1-2017, Shell Command Language 2.2 and 2.6).</summary>
internal sealed class WordReader(SourceReader source)
{
    /// <summary>A word up to the next unquoted blank or operator character.</summary>
    public Word ReadWord() =>
        Read(static c => c is ' ' or '\t' or '\r' or '\n' or '|' or '&' or ';' or '<' or '>' or '(' or ')', quoted: false);

    /// <summary>Reads to a character that <paramref name="ends"/> the text, which stays unread. In <paramref name="quoted"/> text only " \ $ ` are special.</summary>
    private Word Read(Func<char, bool> ends, bool quoted)
    {
        source.Enter();
        var parts = new List<WordPart>();
        var literal = new StringBuilder();
        while (!source.AtEnd && !ends(source.Peek()))
        {
            char c = source.Peek();
            if (c == '\\')
                ReadEscape(parts, literal, quoted);
            else if (c == '\'' && !quoted)
            {
                FlushLiteral(parts, literal, quoted);
                parts.Add(new LiteralPart(ReadSingleQuoted(), Quoted: true));
            }
            else if (c == '"')
            {
                FlushLiteral(parts, literal, quoted);
                ReadDoubleQuoted(parts);
            }
            else if (c is '$' or '`' && ReadExpansion(quoted) is { } part)
            {
                FlushLiteral(parts, literal, quoted);
                parts.Add(part);
            }
            else
                literal.Append(source.Next());
        }
        FlushLiteral(parts, literal, quoted);
        source.Leave();
        return new Word(parts);
    }

    private static void FlushLiteral(List<WordPart> parts, StringBuilder literal, bool quoted)
    {
        if (literal.Length > 0)
            parts.Add(new LiteralPart(literal.ToString(), quoted));
        literal.Clear();
    }

    private void ReadEscape(List<WordPart> parts, StringBuilder literal, bool quoted)
    {
        source.Next();
        if (source.AtEnd)
        {
            literal.Append('\\');
            return;
        }
        char c = source.Next();
        if (c == '\n')
            return;
        if (!quoted)
        {
            FlushLiteral(parts, literal, quoted);
            parts.Add(new LiteralPart(c.ToString(), Quoted: true));
        }
        else
            literal.Append(c is '$' or '`' or '"' or '\\' ? "" : "\\").Append(c);
    }

    private string ReadSingleQuoted()
    {
        source.Next();
        int start = source.Position;
        while (source.Peek() != '\'' || source.AtEnd)
        {
            if (source.AtEnd)
                throw source.Error("unterminated quoted string");
            source.Next();
        }
        string text = source.Text[start..source.Position];
        source.Next();
        return text;
    }

    private void ReadDoubleQuoted(List<WordPart> parts)
    {
        source.Next();
        var inner = Read(static c => c == '"', quoted: true);
        if (source.AtEnd)
            throw source.Error("unterminated quoted string");
        source.Next();
        // "" is a field of its own, which the empty literal keeps; "$@" may still become none.
        if (inner.Parts.Count == 0)
            parts.Add(new LiteralPart("", Quoted: true));
        parts.AddRange(inner.Parts);
    }

    /// <summary>The expansion at <c>$</c> or a backquote; null where the <c>$</c> stands for itself.</summary>
    private WordPart? ReadExpansion(bool quoted)
    {
        if (source.Peek() == '`')
            return ReadBackquoted(quoted);
        char after = source.Peek(1);
        if (after == '(')
            return source.Peek(2) == '(' ? ReadArithmetic(quoted) : ReadCommand(quoted);
        if (after == '{')
            return ReadBraced(quoted);
        if (IsNameStart(after))
        {
            source.Next();
            return new ParameterPart(ReadName(), "", null, quoted);
        }
        if (!IsSpecialParameter(after))
            return null;
        source.Next();
        return new ParameterPart(source.Next().ToString(), "", null, quoted);
    }

    private CommandPart ReadCommand(bool quoted)
    {
        source.Skip(2);
        return new CommandPart(new Parser(source).ParseUntilClosingParenthesis(), quoted);
    }

    private CommandPart ReadBackquoted(bool quoted)
    {
        var inner = new StringBuilder();
        source.Next();
        while (source.Peek() != '`')
        {
            if (source.AtEnd)
                throw source.Error("EOF in backquote substitution");
            char c = source.Next();
            if (c == '\\' && (source.Peek() is '$' or '`' or '\\' || quoted && source.Peek() == '"'))
                c = source.Next();
            inner.Append(c);
        }
        source.Next();
        return new CommandPart(new Parser(source.Inner(inner.ToString())).ParseAll(), quoted);
    }

    private ArithmeticPart ReadArithmetic(bool quoted)
    {
        source.Skip(3);
        int depth = 0;
        var expression = Read(c =>
        {
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            return depth < 0;
        }, quoted: true);
        if (!source.StartsWith("))"))
            throw source.Error("missing '))'");
        source.Skip(2);
        return new ArithmeticPart(expression, quoted);
    }

    private ParameterPart ReadBraced(bool quoted)
    {
        source.Skip(2);
        bool length = source.Peek() == '#' && source.Peek(1) != '}';
        if (length)
            source.Next();
        string name = IsNameStart(source.Peek()) ? ReadName()
            : char.IsAsciiDigit(source.Peek()) ? ReadDigits()
            : IsSpecialParameter(source.Peek()) ? source.Next().ToString()
            : throw BadSubstitution();
        string op = length ? "#length" : ReadOperator();
        Word? argument = null;
        if (op is not ("" or "#length"))
            argument = Read(static c => c == '}', quoted && op[0] is not ('#' or '%'));
        if (source.AtEnd)
            throw source.Error("missing '}'");
        if (source.Next() != '}')
            throw BadSubstitution();
        return new ParameterPart(name, op, argument, quoted);
    }

    private string ReadOperator()
    {
        foreach (string op in (ReadOnlySpan<string>)[":-", ":=", ":+", ":?", "##", "%%", "-", "=", "+", "?", "#", "%"])
            if (source.StartsWith(op))
            {
                source.Skip(op.Length);
                return op;
            }
        return "";
    }

    private SyntaxErrorException BadSubstitution() => source.Error(source.AtEnd ? "missing '}'" : "bad substitution");

    private string ReadName()
    {
        int start = source.Position;
        while (IsNamePart(source.Peek()))
            source.Next();
        return source.Text[start..source.Position];
    }

    private string ReadDigits()
    {
        int start = source.Position;
        while (char.IsAsciiDigit(source.Peek()))
            source.Next();
        return source.Text[start..source.Position];
    }

    public static bool IsName(string text) => text.Length > 0 && IsNameStart(text[0]) && text.All(IsNamePart);

    public static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    public static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private static bool IsSpecialParameter(char c) => char.IsAsciiDigit(c) || c is '?' or '#' or '@' or '*' or '$' or '!' or '-';
}
