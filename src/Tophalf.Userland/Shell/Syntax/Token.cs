namespace Tophalf.Userland.Shell.Syntax;

internal enum TokenKind { Word, Operator, Newline, End }

/// <summary>A token of the script: <paramref name="Text"/> is the operator or the word as written, [Start, End) its place in the source.</summary>
internal sealed record Token(TokenKind Kind, string Text, Word? Word, int Line, int Start, int End)
{
    public bool Is(string op) => Kind == TokenKind.Operator && Text == op;

    /// <summary>Keyword position is the parser's business; a keyword is an unquoted literal word.</summary>
    public bool IsKeyword(string keyword) => Kind == TokenKind.Word && Word!.Literal == keyword;

    public bool IsRedirection => Kind == TokenKind.Operator && Text.AsSpan().TrimStart("0123456789")[0] is '<' or '>';

    /// <summary>How ash names the token it did not expect.</summary>
    public string Describe() => Kind switch
    {
        TokenKind.End => "end of file",
        TokenKind.Newline => "newline",
        TokenKind.Operator when IsRedirection => "redirection",
        TokenKind.Word when Keywords.Contains(Word!.Literal ?? "") => $"\"{Text}\"",
        TokenKind.Word => "word",
        _ => $"\"{Text}\"",
    };

    public static readonly IReadOnlySet<string> Keywords = new HashSet<string>(StringComparer.Ordinal)
    {
        "!", "{", "}", "if", "then", "elif", "else", "fi", "while", "until", "for", "in", "do", "done", "case", "esac",
    };
}
