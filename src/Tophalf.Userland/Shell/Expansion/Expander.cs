using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tophalf.Userland.Files;
using Tophalf.Userland.Shell.Syntax;

namespace Tophalf.Userland.Shell.Expansion;

/// <summary>Turns the words of a command into its arguments (POSIX.1-2017, Shell Command Language 2.6).</summary>
/// <param name="files">Where patterns look for names.</param>
/// <param name="substitute">Runs the commands of <c>$( )</c> and returns what they wrote.</param>
internal sealed class Expander(ShellState state, FileView files, Func<Command?, string> substitute)
{
    /// <summary>All expansions; one word may become none or many.</summary>
    public List<string> ExpandFields(IReadOnlyList<Word> words)
    {
        var arguments = new List<string>();
        foreach (var word in words)
        {
            var fields = new FieldBuilder(state.Get("IFS") ?? ShellState.DefaultFieldSeparators);
            AddTo(fields, word, splitLiterals: false);
            fields.EndField();
            foreach (string pattern in fields.Patterns)
            {
                var paths = Pattern.HasMagic(pattern) ? PathExpansion.Expand(files, state.WorkingDirectory, pattern) : [];
                if (paths.Count > 0)
                    arguments.AddRange(paths);
                else
                    arguments.Add(Pattern.Unescape(pattern));
            }
            if (arguments.Count > ShellLimits.Words)
                throw new RunLimitException("too many words");
        }
        return arguments;
    }

    /// <summary>Expansions without splitting and without pathnames, as in an assignment.</summary>
    public string ExpandText(Word word) => Pattern.Unescape(ExpandPattern(word));

    /// <summary>As <see cref="ExpandText"/>, but pattern characters that were not quoted still count.</summary>
    public string ExpandPattern(Word word)
    {
        var fields = new FieldBuilder(fieldSeparators: "");
        AddTo(fields, word, splitLiterals: false);
        fields.EndField();
        return string.Join(' ', fields.Patterns);
    }

    /// <param name="splitLiterals">Within <c>${x:-word}</c> even what is written out is split.</param>
    private void AddTo(FieldBuilder fields, Word word, bool splitLiterals)
    {
        foreach (var part in word.Parts)
            switch (part)
            {
                case LiteralPart { Quoted: true } literal:
                    fields.Quoted(literal.Text);
                    break;
                case LiteralPart literal when splitLiterals:
                    fields.Expanded(literal.Text);
                    break;
                case LiteralPart literal:
                    fields.Literal(literal.Text);
                    break;
                case ParameterPart parameter:
                    AddParameter(fields, parameter);
                    break;
                case CommandPart command:
                    AddValue(fields, substitute(command.Commands).TrimEnd('\n'), command.Quoted);
                    break;
                case ArithmeticPart arithmetic:
                    long number = Arithmetic.Evaluate(ExpandText(arithmetic.Expression), state);
                    AddValue(fields, number.ToString(CultureInfo.InvariantCulture), arithmetic.Quoted);
                    break;
            }
    }

    private static void AddValue(FieldBuilder fields, string value, bool quoted)
    {
        if (quoted)
            fields.Quoted(value);
        else
            fields.Expanded(value);
    }

    private void AddParameter(FieldBuilder fields, ParameterPart parameter)
    {
        if (parameter is { Name: "@" or "*", Operator: "" } && !(parameter.Name == "*" && parameter.Quoted))
        {
            for (int i = 0; i < state.Positional.Length; i++)
            {
                if (i > 0)
                    fields.EndField();
                AddValue(fields, state.Positional[i], parameter.Quoted);
            }
            return;
        }
        string? value = Value(parameter.Name);
        string op = parameter.Operator;
        bool missing = value is null || op.StartsWith(':') && value.Length == 0;
        switch (op.TrimStart(':'))
        {
            case "-" when missing:
            case "+" when !missing:
                AddTo(fields, parameter.Argument!, splitLiterals: !parameter.Quoted);
                return;
            case "+":
                return;
            case "=" when missing:
                value = ExpandText(parameter.Argument!);
                if (!WordReader.IsName(parameter.Name))
                    throw new ShellAbortException($"{parameter.Name}: bad variable name");
                state.Set(parameter.Name, value);
                break;
            case "?" when missing:
                string words = ExpandText(parameter.Argument!);
                throw new ShellAbortException($"{parameter.Name}: {(words.Length > 0 ? words : "parameter not set" + (op == ":?" ? " or null" : ""))}");
        }
        if (value is null && state.UnsetIsError)
            throw new ShellAbortException($"{parameter.Name}: parameter not set");
        value ??= "";
        AddValue(fields, op switch
        {
            "#length" => value.Length.ToString(CultureInfo.InvariantCulture),
            "#" or "##" => RemovePrefix(value, ExpandPattern(parameter.Argument!), longest: op == "##"),
            "%" or "%%" => RemoveSuffix(value, ExpandPattern(parameter.Argument!), longest: op == "%%"),
            _ => value,
        }, parameter.Quoted);
    }

    private string? Value(string name) => name switch
    {
        "?" => state.Status.ToString(CultureInfo.InvariantCulture),
        "#" => state.Positional.Length.ToString(CultureInfo.InvariantCulture),
        // One process, always the same number: a run must not differ from the next.
        "$" => "1",
        "!" => "",
        "-" => (state.ExitOnError ? "e" : "") + (state.UnsetIsError ? "u" : "") + (state.Trace ? "x" : "") + "c",
        "0" => state.Name,
        "@" or "*" => JoinPositional(state.Positional),
        _ when char.IsAsciiDigit(name[0]) =>
            int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n >= 1 && n <= state.Positional.Length
                ? state.Positional[n - 1] : null,
        _ => state.Get(name),
    };

    private string JoinPositional(ImmutableArray<string> positional)
    {
        string separators = state.Get("IFS") ?? ShellState.DefaultFieldSeparators;
        var joined = new StringBuilder();
        for (int i = 0; i < positional.Length; i++)
            joined.Append(i > 0 && separators.Length > 0 ? separators[..1] : "").Append(positional[i]);
        return joined.ToString();
    }

    private static string RemovePrefix(string value, string pattern, bool longest)
    {
        for (int n = 0; n <= value.Length; n++)
        {
            int length = longest ? value.Length - n : n;
            if (Pattern.Matches(pattern, value.AsSpan(0, length)))
                return value[length..];
        }
        return value;
    }

    private static string RemoveSuffix(string value, string pattern, bool longest)
    {
        for (int n = 0; n <= value.Length; n++)
        {
            int start = longest ? n : value.Length - n;
            if (Pattern.Matches(pattern, value.AsSpan(start)))
                return value[..start];
        }
        return value;
    }
}
