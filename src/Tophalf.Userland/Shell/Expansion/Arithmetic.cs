using System.Globalization;
using Tophalf.Userland.Shell.Syntax;

namespace Tophalf.Userland.Shell.Expansion;

/// <summary>
/// The expressions of <c>$(( ))</c>: signed 64-bit C arithmetic that wraps, with variables and assignments
/// (POSIX.1-2017, Shell Command Language 2.6.4; ** as in busybox ash).
/// </summary>
internal sealed class Arithmetic
{
    /// <summary>Operands within operands, counted through the variables they name.</summary>
    private const int NestingLimit = 150;

    // Longest first. An assignment operator is one of these followed by '='.
    private static readonly string[] Tokens =
        ["<<=", ">>=", "**", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=",
         "+", "-", "*", "/", "%", "<", ">", "=", "!", "~", "&", "|", "^", "?", ":", "(", ")", ","];

    private static readonly string[][] Levels =
        [["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<", "<=", ">", ">="], ["<<", ">>"], ["+", "-"], ["*", "/", "%"], ["**"]];

    private readonly string _text;
    private readonly ShellState _state;
    private int _position;
    private int _nesting;

    /// <summary>Above zero in the branch of ?:, &amp;&amp; or || that is not taken: nothing is assigned, nothing can divide by zero.</summary>
    private int _skipping;

    private Arithmetic(string text, ShellState state, int nesting) => (_text, _state, _nesting) = (text, state, nesting);

    public static long Evaluate(string expression, ShellState state) => Evaluate(expression, state, nesting: 0);

    private static long Evaluate(string expression, ShellState state, int nesting)
    {
        var arithmetic = new Arithmetic(expression, state, nesting);
        if (string.IsNullOrWhiteSpace(expression))
            return 0;
        long value = arithmetic.Comma();
        if (arithmetic.Peek() is not null || arithmetic._position < expression.Length)
            throw SyntaxError();
        return value;
    }

    private static ShellAbortException SyntaxError() => new("arithmetic syntax error");

    private void Enter()
    {
        if (++_nesting > NestingLimit)
            throw new ShellAbortException("expression nested too deeply");
    }

    private string? Peek()
    {
        while (_position < _text.Length && char.IsWhiteSpace(_text[_position]))
            _position++;
        foreach (string token in Tokens)
            if (string.CompareOrdinal(_text, _position, token, 0, token.Length) == 0)
                return token;
        return null;
    }

    private bool Take(string token)
    {
        if (Peek() != token)
            return false;
        _position += token.Length;
        return true;
    }

    private long Comma()
    {
        long value = Conditional();
        while (Take(","))
            value = Conditional();
        return value;
    }

    private long Conditional()
    {
        Enter();
        long value = Binary(0);
        if (Take("?"))
        {
            bool chosen = value != 0;
            long then = Skipping(!chosen, Comma);
            if (!Take(":"))
                throw SyntaxError();
            long otherwise = Skipping(chosen, Conditional);
            value = chosen ? then : otherwise;
        }
        _nesting--;
        return value;
    }

    private long Skipping(bool skip, Func<long> evaluate)
    {
        _skipping += skip ? 1 : 0;
        long value = evaluate();
        _skipping -= skip ? 1 : 0;
        return value;
    }

    private long Binary(int level)
    {
        if (level == Levels.Length)
            return Unary();
        long left = Binary(level + 1);
        while (Peek() is { } op && Levels[level].Contains(op))
        {
            _position += op.Length;
            bool decided = op == "&&" && left == 0 || op == "||" && left != 0;
            long right = Skipping(decided, () => Binary(level + 1));
            left = Apply(op, left, right);
        }
        return left;
    }

    private long Apply(string op, long a, long b) => op switch
    {
        "||" => a != 0 || b != 0 ? 1 : 0,
        "&&" => a != 0 && b != 0 ? 1 : 0,
        "|" => a | b,
        "^" => a ^ b,
        "&" => a & b,
        "==" => a == b ? 1 : 0,
        "!=" => a != b ? 1 : 0,
        "<" => a < b ? 1 : 0,
        "<=" => a <= b ? 1 : 0,
        ">" => a > b ? 1 : 0,
        ">=" => a >= b ? 1 : 0,
        "<<" => a << (int)(b & 63),
        ">>" => a >> (int)(b & 63),
        "+" => unchecked(a + b),
        "-" => unchecked(a - b),
        "*" => unchecked(a * b),
        "**" => Power(a, b),
        _ => Divide(op, a, b),
    };

    private long Divide(string op, long a, long b)
    {
        if (_skipping > 0)
            return 0;
        if (b == 0)
            throw new ShellAbortException("divide by zero");
        // long.MinValue / -1 does not fit; it wraps to itself.
        if (b == -1)
            return op == "/" ? unchecked(-a) : 0;
        return op == "/" ? a / b : a % b;
    }

    private static long Power(long a, long b)
    {
        if (b < 0)
            throw new ShellAbortException("exponent less than 0");
        long result = 1;
        for (; b > 0; b >>= 1, a = unchecked(a * a))
            if ((b & 1) != 0)
                result = unchecked(result * a);
        return result;
    }

    private long Unary()
    {
        Enter();
        long value;
        if (Take("++") || Take("--"))
        {
            long step = _text[_position - 1] == '+' ? 1 : -1;
            value = Assign(ReadName() ?? throw SyntaxError(), name => unchecked(Variable(name) + step));
        }
        else if (Take("-"))
            value = unchecked(-Unary());
        else if (Take("+"))
            value = Unary();
        else if (Take("!"))
            value = Unary() == 0 ? 1 : 0;
        else if (Take("~"))
            value = ~Unary();
        else
            value = Primary();
        _nesting--;
        return value;
    }

    private long Primary()
    {
        if (Take("("))
        {
            long value = Comma();
            return Take(")") ? value : throw SyntaxError();
        }
        return ReadName() is { } name ? NamedValue(name) : Number();
    }

    private long NamedValue(string name)
    {
        string? op = Peek();
        if (op is "++" or "--")
        {
            _position += 2;
            long old = Variable(name);
            Assign(name, _ => unchecked(old + (op == "++" ? 1 : -1)));
            return old;
        }
        if (op is null || op == "==" || !op.EndsWith('=') || op is "<=" or ">=" or "!=")
            return Variable(name);
        _position += op.Length;
        long right = Conditional();
        return Assign(name, n => op == "=" ? right : Apply(op[..^1], Variable(n), right));
    }

    private long Assign(string name, Func<string, long> compute)
    {
        long value = compute(name);
        if (_skipping == 0)
            _state.Set(name, value.ToString(CultureInfo.InvariantCulture));
        return value;
    }

    /// <summary>The value of a variable is itself an expression; unset or empty is 0.</summary>
    private long Variable(string name) => _skipping > 0 ? 0 : Evaluate(_state.Get(name) ?? "", _state, _nesting);

    private string? ReadName()
    {
        Peek();
        int start = _position;
        if (start >= _text.Length || !WordReader.IsNameStart(_text[start]))
            return null;
        while (_position < _text.Length && WordReader.IsNamePart(_text[_position]))
            _position++;
        return _text[start.._position];
    }

    /// <summary>A C constant: 0x hexadecimal, leading 0 octal, else decimal.</summary>
    private long Number()
    {
        int start = _position;
        while (_position < _text.Length && char.IsAsciiLetterOrDigit(_text[_position]))
            _position++;
        return ShellNumber.TryParseConstant(_text.AsSpan(start, _position - start), out long value) ? value : throw SyntaxError();
    }
}
