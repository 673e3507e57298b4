using System.Diagnostics.CodeAnalysis;

namespace Tophalf.Userland.Shell.Syntax;

/// <summary>Recursive descent over the shell grammar (POSIX.1-2017, Shell Command Language 2.10); messages are those of busybox ash.</summary>
internal sealed class Parser(SourceReader source)
{
    private static readonly HashSet<string> Closers = ["then", "elif", "else", "fi", "do", "done", "esac", "}"];

    private readonly Lexer _lexer = new(source);

    /// <summary>
    /// The commands of the next line that has any; null at the end. A shell runs what precedes a syntax error,
    /// so the script is parsed one such unit at a time.
    /// </summary>
    public Command? ParseNext()
    {
        SkipNewlines();
        if (_lexer.Peek.Kind == TokenKind.End)
            return null;
        int line = _lexer.Peek.Line;
        var commands = new List<Command>();
        do
        {
            commands.Add(ParseAndOr());
        }
        while (TakeOperator(";") && _lexer.Peek.Kind is not (TokenKind.Newline or TokenKind.End));
        if (_lexer.Peek.Kind is not (TokenKind.Newline or TokenKind.End))
            throw Unexpected();
        return Sequence(line, commands);
    }

    public Command? ParseAll()
    {
        var commands = new List<Command>();
        while (ParseNext() is { } command)
            commands.Add(command);
        return commands.Count == 0 ? null : Sequence(commands[0].Line, commands);
    }

    /// <summary>The inside of <c>$( )</c>; stops right behind the parenthesis, reading nothing more.</summary>
    public Command? ParseUntilClosingParenthesis()
    {
        SkipNewlines();
        var body = _lexer.Peek.Is(")") ? null : ParseList(")");
        Expect(")");
        return body;
    }

    private Command ParseList(string? closer = null)
    {
        source.Enter();
        SkipNewlines();
        int line = _lexer.Peek.Line;
        var commands = new List<Command>();
        while (!EndsList(_lexer.Peek))
        {
            commands.Add(ParseAndOr());
            if (!TakeOperator(";") && _lexer.Peek.Kind != TokenKind.Newline)
                break;
            SkipNewlines();
        }
        if (commands.Count == 0)
            throw Unexpected(_lexer.Peek.Kind == TokenKind.End ? closer : null);
        source.Leave();
        return Sequence(line, commands);
    }

    private static bool EndsList(Token token) =>
        token.Kind == TokenKind.End || token.Is(")") || token.Is(";;") || token.Word?.Literal is { } text && Closers.Contains(text);

    private static Command Sequence(int line, List<Command> commands) => commands is [var only] ? only : new CommandList(line, commands);

    private Command ParseAndOr()
    {
        var left = ParsePipeline();
        while (_lexer.Peek.Is("&&") || _lexer.Peek.Is("||"))
        {
            bool onSuccess = _lexer.Take().Text == "&&";
            SkipNewlines();
            left = new AndOr(left.Line, left, onSuccess, ParsePipeline());
        }
        if (_lexer.Peek.Is("&"))
            throw source.Error("background commands are not supported; write one command after the other");
        return left;
    }

    private Command ParsePipeline()
    {
        var first = _lexer.Peek;
        bool negated = false;
        while (_lexer.Peek.IsKeyword("!"))
        {
            _lexer.Take();
            negated = !negated;
        }
        var commands = new List<Command> { ParseCommand() };
        while (TakeOperator("|"))
        {
            SkipNewlines();
            commands.Add(ParseCommand());
        }
        return commands is [var only] && !negated ? only
            : new Pipeline(first.Line, commands, negated, source.Text[first.Start.._lexer.End]);
    }

    private Command ParseCommand()
    {
        source.Enter();
        var token = _lexer.Peek;
        int line = token.Line;
        Command? compound = token.Word?.Literal switch
        {
            "if" => ParseIf(),
            "while" or "until" => ParseLoop(),
            "for" => ParseFor(),
            "case" => ParseCase(),
            "{" => ParseGroup(),
            _ => token.Is("(") ? ParseSubshell() : null,
        };
        Command command = compound ?? ParseSimple();
        if (compound is not null && TakeRedirections() is { Count: > 0 } redirections)
            command = new Redirected(line, compound, redirections);
        source.Leave();
        return command;
    }

    private Subshell ParseSubshell()
    {
        int line = _lexer.Take().Line;
        var body = ParseList(")");
        Expect(")");
        return new Subshell(line, body);
    }

    private Command ParseGroup()
    {
        _lexer.Take();
        var body = ParseList("}");
        Expect("}");
        return body is SimpleCommand ? new CommandList(body.Line, [body]) : body;
    }

    private If ParseIf()
    {
        int line = _lexer.Take().Line;
        var condition = ParseList("then");
        Expect("then");
        var then = ParseList("fi");
        if (_lexer.Peek.IsKeyword("elif"))
            return new If(line, condition, then, ParseIf());
        Command? otherwise = null;
        if (_lexer.Peek.IsKeyword("else"))
        {
            _lexer.Take();
            otherwise = ParseList("fi");
        }
        Expect("fi");
        return new If(line, condition, then, otherwise);
    }

    private Loop ParseLoop()
    {
        var keyword = _lexer.Take();
        var condition = ParseList("do");
        return new Loop(keyword.Line, condition, keyword.Text == "until", ParseDoGroup());
    }

    private Command ParseDoGroup()
    {
        Expect("do");
        var body = ParseList("done");
        Expect("done");
        return body;
    }

    private For ParseFor()
    {
        int line = _lexer.Take().Line;
        if (_lexer.Peek.Word?.Literal is not { } variable || !WordReader.IsName(variable))
            throw source.Error("bad for loop variable");
        _lexer.Take();
        List<Word>? words = null;
        SkipNewlines();
        if (_lexer.Peek.IsKeyword("in"))
        {
            _lexer.Take();
            words = [];
            while (_lexer.Peek.Kind == TokenKind.Word)
                words.Add(_lexer.Take().Word!);
            if (!_lexer.Peek.Is(";") && _lexer.Peek.Kind != TokenKind.Newline)
                throw Unexpected();
        }
        TakeOperator(";");
        SkipNewlines();
        return new For(line, variable, words, ParseDoGroup());
    }

    private Case ParseCase()
    {
        int line = _lexer.Take().Line;
        var subject = TakeWord();
        SkipNewlines();
        Expect("in");
        var arms = new List<CaseArm>();
        SkipNewlines();
        while (!_lexer.Peek.IsKeyword("esac"))
        {
            TakeOperator("(");
            var patterns = new List<Word> { TakeWord(expecting: ")") };
            while (TakeOperator("|"))
                patterns.Add(TakeWord(expecting: ")"));
            Expect(")");
            SkipNewlines();
            arms.Add(new CaseArm(patterns, EndsList(_lexer.Peek) ? null : ParseList()));
            if (!TakeOperator(";;") && !_lexer.Peek.IsKeyword("esac"))
                throw Unexpected(";;");
            SkipNewlines();
        }
        _lexer.Take();
        return new Case(line, subject, arms);
    }

    private Command ParseSimple()
    {
        var first = _lexer.Peek;
        var assignments = new List<Assignment>();
        var words = new List<Word>();
        var redirections = new List<Redirection>();
        if (first.Word?.Literal is { } text && Token.Keywords.Contains(text) && text != "in")
            throw Unexpected();
        while (true)
        {
            if (_lexer.Peek.IsRedirection)
                redirections.Add(TakeRedirection());
            else if (_lexer.Peek.Kind != TokenKind.Word)
                break;
            else if (words.Count == 0 && TryAssignment(_lexer.Peek.Word!, out var assignment))
            {
                _lexer.Take();
                assignments.Add(assignment);
            }
            else
                words.Add(_lexer.Take().Word!);
            if (_lexer.Peek.Is("(") && words is [var name] && assignments.Count + redirections.Count == 0)
                return ParseFunction(first.Line, name);
        }
        if (assignments.Count + words.Count + redirections.Count == 0)
            throw Unexpected();
        return new SimpleCommand(first.Line, assignments, words, redirections, source.Text[first.Start.._lexer.End]);
    }

    private FunctionDefinition ParseFunction(int line, Word word)
    {
        _lexer.Take();
        Expect(")");
        if (word.Literal is not { } name || !WordReader.IsName(name))
            throw source.Error("bad function name");
        SkipNewlines();
        return new FunctionDefinition(line, name, ParseCommand());
    }

    private static bool TryAssignment(Word word, [NotNullWhen(true)] out Assignment? assignment)
    {
        assignment = null;
        if (word.Parts is not [LiteralPart { Quoted: false } first, ..] || first.Text.IndexOf('=') is not (> 0 and var equals))
            return false;
        string name = first.Text[..equals];
        if (!WordReader.IsName(name))
            return false;
        var value = new List<WordPart>(word.Parts) { [0] = new LiteralPart(first.Text[(equals + 1)..], Quoted: false) };
        assignment = new Assignment(name, new Word(value));
        return true;
    }

    private List<Redirection> TakeRedirections()
    {
        var redirections = new List<Redirection>();
        while (_lexer.Peek.IsRedirection)
            redirections.Add(TakeRedirection());
        return redirections;
    }

    private Redirection TakeRedirection()
    {
        string text = _lexer.Take().Text;
        bool numbered = char.IsAsciiDigit(text[0]);
        string op = numbered ? text[1..] : text;
        var kind = op switch
        {
            "<" => RedirectionKind.Input,
            ">" or ">|" => RedirectionKind.Output,
            ">>" => RedirectionKind.Append,
            ">&" or "<&" => RedirectionKind.Duplicate,
            _ => throw source.Error($"redirection {op} is not supported; open the file once to read and once to write"),
        };
        int descriptor = numbered ? text[0] - '0' : op[0] == '<' ? 0 : 1;
        return new Redirection(descriptor, kind, TakeWord());
    }

    private Word TakeWord(string? expecting = null)
    {
        if (_lexer.Peek.Kind != TokenKind.Word)
            throw Unexpected(expecting);
        return _lexer.Take().Word!;
    }

    private void Expect(string text)
    {
        if (!_lexer.Peek.Is(text) && !_lexer.Peek.IsKeyword(text))
            throw Unexpected(text);
        _lexer.Take();
    }

    private bool TakeOperator(string op)
    {
        if (!_lexer.Peek.Is(op))
            return false;
        _lexer.Take();
        return true;
    }

    private void SkipNewlines()
    {
        while (_lexer.Peek.Kind == TokenKind.Newline)
            _lexer.Take();
    }

    private SyntaxErrorException Unexpected(string? expecting = null)
    {
        var token = _lexer.Peek;
        // Where a parenthesis has to come, keywords are words like any other.
        string found = expecting == ")" && token.Kind == TokenKind.Word ? "word" : token.Describe();
        string message = "unexpected " + found + (expecting is null ? "" : $" (expecting \"{expecting}\")");
        return new SyntaxErrorException(token.Line, message);
    }
}
