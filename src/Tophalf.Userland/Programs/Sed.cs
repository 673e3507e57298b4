using System.Text;
using System.Text.RegularExpressions;

namespace Tophalf.Userland.Programs;

/// <summary>
/// sed [-nE] SCRIPT [FILE]... with the commands scripts on kernel files use: s/RE/TEXT/[g][p], d and p, each behind an optional address, a line number or /RE/.
/// TEXT has &amp; for what matched, and \1 to \9 for its groups.
/// </summary>
internal sealed class Sed
{
    private const string Usage = "[-nE] { SCRIPT | -e SCRIPT... } [FILE]...";

    private readonly string _script;
    private readonly bool _extended;
    private readonly List<Command> _commands = [];
    private int _at;

    private Sed(string script, bool extended) => (_script, _extended) = (script, extended);

    private sealed record Command(int Line, Regex? Match, char Name, Regex? Pattern, string Text, bool Global, bool Prints)
    {
        public bool Selects(int number, string line) => (Line == 0 || Line == number) && Match?.IsMatch(line) != false;
    }

    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        var options = new OptionParser(arguments, "nEr", "e", Usage);
        List<string> scripts = [.. options.Values('e')];
        int firstFile = scripts.Count == 0 ? 1 : 0;
        if (options.Operands.Count < firstFile)
            throw new UsageException("", Usage);
        if (firstFile == 1)
            scripts.Add(options.Operands[0]);
        var sed = new Sed(string.Join('\n', scripts), options.Has('E') || options.Has('r'));
        if (sed.Parse() is { } problem)
        {
            context.Complain(problem);
            return 1;
        }
        int status = 0, number = 0;
        foreach (var (_, text) in context.ReadAll([.. options.Operands.Skip(firstFile)], () => status = 1))
        {
            foreach (string line in TextLines.Split(text))
                sed.Edit(context, line, ++number, quiet: options.Has('n'));
        }
        return status;
    }

    private void Edit(ProgramContext context, string line, int number, bool quiet)
    {
        foreach (var command in _commands)
        {
            if (!command.Selects(number, line))
                continue;
            if (command.Name == 'd')
                return;
            bool changed = command.Name == 'p';
            if (command.Name == 's')
                line = Substitute(command, line, out changed);
            if (changed && command.Prints)
                context.WriteLine(line);
        }
        if (!quiet)
            context.WriteLine(line);
    }

    private static string Substitute(Command command, string line, out bool changed)
    {
        var result = new StringBuilder();
        int from = 0;
        changed = false;
        for (var match = command.Pattern!.Match(line); match.Success; match = match.NextMatch())
        {
            changed = true;
            result.Append(line, from, match.Index - from).Append(Replacement(command.Text, match));
            from = match.Index + match.Length;
            if (!command.Global)
                break;
        }
        return result.Append(line, from, line.Length - from).ToString();
    }

    private static string Replacement(string text, Match match)
    {
        var result = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '&')
                result.Append(match.Value);
            else if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is >= '1' and <= '9')
                result.Append(match.Groups[text[++i] - '0'].Value);
            else if (text[i] == '\\' && i + 1 < text.Length)
                result.Append(text[++i] == 'n' ? '\n' : text[i]);
            else
                result.Append(text[i]);
        }
        return result.ToString();
    }

    /// <summary>Null, or what is wrong with the script.</summary>
    private string? Parse()
    {
        while (true)
        {
            while (_at < _script.Length && _script[_at] is ' ' or '\t' or ';' or '\n')
                _at++;
            if (_at == _script.Length)
                return null;
            int line = 0;
            Regex? match = null;
            while (_at < _script.Length && char.IsAsciiDigit(_script[_at]) && line < 1_000_000)
                line = line * 10 + (_script[_at++] - '0');
            if (_at < _script.Length && _script[_at] == '/' && (!TryPart('/', out string address) || !TryCompile(address, out match)))
                return "bad regex in address";
            if (_at == _script.Length)
                return "missing command";
            char name = _script[_at++];
            if (name is 'd' or 'p')
                _commands.Add(new Command(line, match, name, null, "", false, Prints: true));
            else if (name != 's')
                return $"unsupported command {name}";
            else if (_at == _script.Length || !TryPart(_script[_at], out string source) || !TryCompile(source, out var pattern))
                return "bad regex in s command";
            else
            {
                _at--; // the delimiter stands between both parts
                if (!TryPart(_script[_at], out string text))
                    return "unterminated s command";
                string flags = "";
                while (_at < _script.Length && _script[_at] is 'g' or 'p')
                    flags += _script[_at++];
                _commands.Add(new Command(line, match, name, pattern, text, flags.Contains('g'), flags.Contains('p')));
            }
            if (_at < _script.Length && _script[_at] is not (' ' or ';' or '\n' or '}'))
                return $"unsupported command {_script[_at]}";
        }
    }

    /// <summary>The text between two delimiters, the first of which stands at the present place; ends behind the second.</summary>
    private bool TryPart(char delimiter, out string part)
    {
        var text = new StringBuilder();
        for (_at++; _at < _script.Length; _at++)
        {
            if (_script[_at] == delimiter)
            {
                _at++;
                part = text.ToString();
                return true;
            }
            if (_script[_at] == '\\' && _at + 1 < _script.Length)
            {
                if (_script[_at + 1] != delimiter)
                    text.Append('\\');
                _at++;
            }
            text.Append(_script[_at]);
        }
        part = "";
        return false;
    }

    private bool TryCompile(string source, out Regex? regex) => PosixRegex.TryCompile(source, _extended, literal: false, ignoreCase: false, out regex);
}
