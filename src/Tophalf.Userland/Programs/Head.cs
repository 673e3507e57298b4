namespace Tophalf.Userland.Programs;

/// <summary>head [-n N] [-c N] [-q] [-N] [FILE]...; -n -N is all but the last N lines.</summary>
internal static class Head
{
    private const string Usage = "[-n N | -c N] [-q] [FILE]...";

    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        var options = new OptionParser(LongForm(arguments), "q", "nc", Usage);
        string amount = options.Value('n') ?? options.Value('c') ?? "10";
        bool fromEnd = amount.StartsWith('-');
        int count = TextLines.ParseCount(fromEnd ? amount[1..] : amount);
        bool characters = options.Value('c') is not null;
        int status = 0, shown = 0;
        foreach (var (name, text) in context.ReadAll(options.Operands, () => status = 1))
        {
            if (options.Operands.Count > 1 && !options.Has('q'))
                context.Write($"{(shown++ > 0 ? "\n" : "")}==> {name} <==\n");
            int length = characters ? text.Length : TextLines.Split(text).Length;
            int taken = fromEnd ? Math.Max(length - count, 0) : Math.Min(count, length);
            context.Write(characters ? text[..taken] : text[..LinesLength(text, taken)]);
        }
        return status;
    }

    /// <summary>-5 as the first argument means -n 5.</summary>
    internal static IReadOnlyList<string> LongForm(IReadOnlyList<string> arguments) =>
        arguments is [['-', _, ..] first, ..] && first[1..].All(char.IsAsciiDigit) ? ["-n" + first[1..], .. arguments.Skip(1)] : arguments;

    /// <summary>Characters in the first <paramref name="lines"/> lines, their newlines included.</summary>
    internal static int LinesLength(string text, int lines)
    {
        int position = 0;
        for (int i = 0; i < lines && position < text.Length; i++)
        {
            int newline = text.IndexOf('\n', position);
            position = newline < 0 ? text.Length : newline + 1;
        }
        return position;
    }
}
