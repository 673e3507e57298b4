using System.Globalization;

namespace Tophalf.Userland.Programs;

/// <summary>cut -c LIST | -f LIST [-d CHAR] [-s] [FILE]...: chosen characters or fields of every line, in their own order.</summary>
internal static class Cut
{
    private const string Usage = "-b|-c LIST | -f LIST [-d CHAR] [-s] [FILE]...";

    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        var options = new OptionParser(arguments, "s", "bcfd", Usage);
        string? characters = options.Value('c') ?? options.Value('b'), fields = options.Value('f');
        if (characters is null && fields is null)
            throw new UsageException("expected a list of bytes, characters, or fields", "");
        if (characters is not null && fields is not null)
            throw new UsageException("", Usage);
        var ranges = ParseRanges(characters ?? fields!);
        string delimiter = options.Value('d') is { Length: > 0 } d ? d[..1] : "\t";
        int status = 0;
        foreach (var (_, text) in context.ReadAll(options.Operands, () => status = 1))
            foreach (string line in TextLines.Split(text))
            {
                if (characters is not null)
                    context.WriteLine(string.Concat(Choose(line.ToCharArray(), ranges)));
                else if (line.Contains(delimiter[0]))
                    context.WriteLine(string.Join(delimiter, Choose(line.Split(delimiter[0]), ranges)));
                else if (!options.Has('s'))
                    context.WriteLine(line);
            }
        return status;
    }

    private static IEnumerable<T> Choose<T>(T[] parts, List<(int First, int Last)> ranges)
    {
        for (int i = 0; i < parts.Length; i++)
            if (ranges.Exists(r => i + 1 >= r.First && i + 1 <= r.Last))
                yield return parts[i];
    }

    /// <summary>N, N-M, N- and -M, joined by commas; positions count from 1.</summary>
    private static List<(int First, int Last)> ParseRanges(string list)
    {
        var ranges = new List<(int, int)>();
        foreach (string range in list.Split(','))
        {
            int dash = range.IndexOf('-');
            string first = dash < 0 ? range : range[..dash], last = dash < 0 ? range : range[(dash + 1)..];
            if (first.Length + last.Length == 0)
                throw new UsageException($"invalid range '{range}'", "");
            int low = first.Length == 0 ? 1 : TextLines.ParseCount(first), high = last.Length == 0 ? int.MaxValue : TextLines.ParseCount(last);
            if (high < low)
                throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{high}<{low}"), "");
            ranges.Add((low, high));
        }
        return ranges;
    }
}
