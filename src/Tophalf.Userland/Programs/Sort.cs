using System.Globalization;

namespace Tophalf.Userland.Programs;

/// <summary>sort [-nrus] [-t CHAR] [-k KEY]... [FILE]...; KEY is FIELD[.CHAR][nr][,FIELD[.CHAR][nr]]. Bytes decide, as in the C locale.</summary>
internal static class Sort
{
    private const string Usage = "[-nrus] [-t CHAR] [-k KEY]... [FILE]...";

    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        var options = new OptionParser(arguments, "nrus", "kt", Usage, errorStatus: 2);
        char? separator = options.Value('t') is { } t ? t.Length == 1 ? t[0] : throw new UsageException("-t needs one character", "", 2) : null;
        bool reverse = options.Has('r');
        List<SortKey> keys = [.. options.Values('k').Select(text => SortKey.Parse(text, options.Has('n'), reverse))];
        if (keys.Count == 0)
            keys.Add(new SortKey(1, 1, int.MaxValue, 0, options.Has('n'), reverse));

        var lines = new List<string>();
        bool failed = false;
        foreach (var (_, text) in context.ReadAll(options.Operands, () => failed = true))
            lines.AddRange(TextLines.Split(text));
        if (failed)
            return 2;

        int ByKeys(string a, string b)
        {
            foreach (var key in keys)
                if (key.Compare(a, b, separator) is not 0 and var order)
                    return order;
            return 0;
        }

        // Lines whose keys are equal follow the order of the whole line, unless only one of them stays.
        var sorted = lines.Order(Comparer<string>.Create((a, b) =>
            ByKeys(a, b) is not 0 and var order ? order
                : options.Has('u') || options.Has('s') ? 0
                : reverse ? string.CompareOrdinal(b, a) : string.CompareOrdinal(a, b)));
        string? previous = null;
        foreach (string line in sorted)
        {
            if (!options.Has('u') || previous is null || ByKeys(previous, line) != 0)
                context.WriteLine(line);
            previous = line;
        }
        return 0;
    }
}

/// <summary>The part of a line that counts: from a field and character (from 1) to the end of another (character 0: the field's end).</summary>
internal sealed record SortKey(int FirstField, int FirstCharacter, int LastField, int LastCharacter, bool Numeric, bool Reverse)
{
    public static SortKey Parse(string text, bool numeric, bool reverse)
    {
        int comma = text.IndexOf(',');
        string first = comma < 0 ? text : text[..comma], last = comma < 0 ? "" : text[(comma + 1)..];
        string flags = string.Concat((first + last).Where(char.IsAsciiLetter));
        if (flags.Any(c => c is not ('n' or 'r' or 'b')))
            throw new UsageException($"unknown key option in '{text}'", "", 2);
        if (flags.Length > 0)
            (numeric, reverse) = (flags.Contains('n'), flags.Contains('r'));
        var (firstField, firstCharacter) = Position(first, text);
        var (lastField, lastCharacter) = last.Length == 0 ? (int.MaxValue, 0) : Position(last, text);
        return new SortKey(firstField, Math.Max(firstCharacter, 1), lastField, lastCharacter, numeric, reverse);
    }

    public int Compare(string a, string b, char? separator)
    {
        var left = Of(a, separator);
        var right = Of(b, separator);
        int order = Numeric ? Number(left).CompareTo(Number(right)) : left.SequenceCompareTo(right);
        return Reverse ? -order : order;
    }

    private static (int Field, int Character) Position(string text, string key)
    {
        string[] numbers = text.TrimEnd('n', 'r', 'b').Split('.');
        int field = numbers.Length is 1 or 2 && numbers[0].Length > 0 ? TextLines.ParseCount(numbers[0]) : 0;
        if (field == 0)
            throw new UsageException($"bad key '{key}'", "", 2);
        return (field, numbers.Length == 2 ? TextLines.ParseCount(numbers[1]) : 0);
    }

    private ReadOnlySpan<char> Of(string line, char? separator)
    {
        var (start, startEnd) = Field(line, FirstField, separator);
        start = (int)Math.Min(startEnd, start + (long)FirstCharacter - 1);
        int end = line.Length;
        if (LastField < int.MaxValue)
        {
            var (last, lastEnd) = Field(line, LastField, separator);
            end = LastCharacter == 0 ? lastEnd : (int)Math.Min(lastEnd, last + (long)LastCharacter);
        }
        return end > start ? line.AsSpan(start, end - start) : [];
    }

    /// <summary>Without a separator a field begins with the blanks before it.</summary>
    private static (int Start, int End) Field(string line, int number, char? separator)
    {
        int start = 0, end = 0;
        for (int i = 1; i <= number; i++)
        {
            start = i == 1 ? 0 : separator is null ? end : end + 1;
            if (start > line.Length || i > 1 && end == line.Length)
                return (line.Length, line.Length);
            end = separator is { } s ? line.IndexOf(s, start) : BlankEnd(line, start);
            if (end < 0)
                end = line.Length;
        }
        return (start, end);
    }

    private static int BlankEnd(string line, int start)
    {
        int i = start;
        while (i < line.Length && (line[i] is ' ' or '\t'))
            i++;
        while (i < line.Length && line[i] is not (' ' or '\t'))
            i++;
        return i;
    }

    private static double Number(ReadOnlySpan<char> text)
    {
        text = text.TrimStart();
        int length = text.Length > 0 && text[0] == '-' ? 1 : 0;
        while (length < text.Length && (char.IsAsciiDigit(text[length]) || text[length] == '.'))
            length++;
        return double.TryParse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : 0;
    }
}
