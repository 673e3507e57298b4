using System.Globalization;
using Tophalf.Linux;
using Tophalf.Userland.Files;

namespace Tophalf.Userland.Programs;

/// <summary>
/// test EXPRESSION and [ EXPRESSION ]: status 0 true, 1 false, 2 not an expression
/// (POSIX.1-2017, test utility; -a, -o and ( ) as in ash).
/// </summary>
internal sealed class TestProgram
{
    private const int NestingLimit = 100;

    private static readonly HashSet<string> Binary = ["=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge"];
    private static readonly HashSet<string> Unary = ["-n", "-z", "-e", "-f", "-d", "-r", "-w", "-x", "-s"];

    private readonly ProgramContext _context;
    private readonly IReadOnlyList<string> _arguments;
    private int _position;
    private int _nesting;

    private TestProgram(ProgramContext context, IReadOnlyList<string> arguments) => (_context, _arguments) = (context, arguments);

    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0)
            return 1;
        try
        {
            var test = new TestProgram(context, arguments);
            bool holds = test.Or();
            if (test._position < arguments.Count)
                throw new BadExpression($"{arguments[test._position]}: unknown operand");
            return holds ? 0 : 1;
        }
        catch (BadExpression bad)
        {
            context.Complain(bad.Message);
            return 2;
        }
    }

    public static int RunBracket(ProgramContext context, IReadOnlyList<string> arguments)
    {
        if (arguments is [.., "]"])
            return Run(context, [.. arguments.SkipLast(1)]);
        context.Complain("missing ]");
        return 2;
    }

    private int Left => _arguments.Count - _position;

    private string Peek(int ahead = 0) => ahead < Left ? _arguments[_position + ahead] : "";

    private bool Or()
    {
        if (++_nesting > NestingLimit)
            throw new BadExpression("expression nested too deeply");
        bool holds = And();
        while (Left > 1 && Peek() == "-o")
        {
            _position++;
            holds |= And();
        }
        _nesting--;
        return holds;
    }

    private bool And()
    {
        bool holds = Not();
        while (Left > 1 && Peek() == "-a")
        {
            _position++;
            holds &= Not();
        }
        return holds;
    }

    private bool Not()
    {
        bool negated = false;
        for (; Left > 1 && Peek() == "!" && !Binary.Contains(Peek(1)); _position++)
            negated = !negated;
        return Primary() != negated;
    }

    private bool Primary()
    {
        if (Left == 0)
            throw new BadExpression("argument expected");
        if (Left >= 3 && Binary.Contains(Peek(1)))
        {
            _position += 3;
            return Compare(_arguments[_position - 3], _arguments[_position - 2], _arguments[_position - 1]);
        }
        if (Left >= 2 && Unary.Contains(Peek()))
        {
            _position += 2;
            return Examine(_arguments[_position - 2], _arguments[_position - 1]);
        }
        if (Left >= 2 && Peek() == "(")
        {
            _position++;
            bool holds = Or();
            if (Peek() != ")")
                throw new BadExpression("closing paren expected");
            _position++;
            return holds;
        }
        return _arguments[_position++].Length > 0;
    }

    private static bool Compare(string left, string op, string right) => op switch
    {
        "=" or "==" => left == right,
        "!=" => left != right,
        "<" => string.CompareOrdinal(left, right) < 0,
        ">" => string.CompareOrdinal(left, right) > 0,
        "-eq" => Number(left) == Number(right),
        "-ne" => Number(left) != Number(right),
        "-lt" => Number(left) < Number(right),
        "-le" => Number(left) <= Number(right),
        "-gt" => Number(left) > Number(right),
        _ => Number(left) >= Number(right),
    };

    private bool Examine(string op, string operand) => op switch
    {
        "-n" => operand.Length > 0,
        "-z" => operand.Length == 0,
        "-d" => _context.KindOf(operand) == FileKind.Directory,
        "-f" => _context.KindOf(operand) == FileKind.File,
        "-s" => _context.ReadFile(operand, out string text) == Errno.EISDIR || text.Length > 0,
        // One user, root, who may do anything with what exists.
        _ => _context.KindOf(operand) != FileKind.Missing,
    };

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long value) ? value : throw new BadExpression($"{text}: bad number");

    private sealed class BadExpression(string message) : Exception(message);
}
