namespace Tophalf.Userland.Shell.Syntax;

/// <summary>Cuts a script into words and operators (POSIX.1-2017, Shell Command Language 2.3), one token ahead of the parser.</summary>
internal sealed class Lexer(SourceReader source)
{
    // Longest first.
    private static readonly string[] Operators = ["<<-", "&&", "||", ";;", ">>", "<<", ">&", "<&", ">|", "<>", "|", "&", ";", "(", ")", "<", ">"];

    private readonly WordReader _words = new(source);
    private Token? _ahead;

    /// <summary>End of the token last taken, for cutting a command out of the source.</summary>
    public int End { get; private set; }

    public SourceReader Source => source;

    public Token Peek => _ahead ??= Read();

    public Token Take()
    {
        var token = Peek;
        _ahead = null;
        End = token.End;
        return token;
    }

    private Token Read()
    {
        SkipBlanksAndComments();
        int start = source.Position, line = source.Line;
        if (source.AtEnd)
            return new Token(TokenKind.End, "", null, line, start, start);
        if (source.Peek() == '\n')
        {
            source.Next();
            return new Token(TokenKind.Newline, "\n", null, line, start, source.Position);
        }
        int digits = char.IsAsciiDigit(source.Peek()) && (source.Peek(1) is '<' or '>') ? 1 : 0;
        source.Skip(digits);
        foreach (string op in Operators)
        {
            if (!source.StartsWith(op))
                continue;
            source.Skip(op.Length);
            if (op.StartsWith("<<", StringComparison.Ordinal))
                throw source.Error("here-documents are not supported; write the text with printf");
            return new Token(TokenKind.Operator, source.Text[start..source.Position], null, line, start, source.Position);
        }
        var word = _words.ReadWord();
        return new Token(TokenKind.Word, source.Text[start..source.Position], word, line, start, source.Position);
    }

    private void SkipBlanksAndComments()
    {
        while (true)
        {
            source.SkipContinuations();
            if (source.Peek() is ' ' or '\t' or '\r')
                source.Next();
            else if (source.Peek() == '#')
                while (!source.AtEnd && source.Peek() != '\n')
                    source.Next();
            else
                return;
        }
    }
}
