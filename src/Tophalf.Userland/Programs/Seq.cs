using System.Globalization;

namespace Tophalf.Userland.Programs;

/// <summary>seq [-w] [-s SEP] [FIRST [INC]] LAST</summary>
internal static class Seq
{
    private const string Usage = "[-w] [-s SEP] [FIRST [INC]] LAST";

    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        // A negative number is no option.
        int operands = arguments.Count;
        for (int i = 0; i < operands; i++)
            if (decimal.TryParse(arguments[i], NumberStyles.Float, CultureInfo.InvariantCulture, out _))
                operands = i;
        var options = new OptionParser([.. arguments.Take(operands)], "w", "s", Usage);
        string[] numbers = [.. options.Operands, .. arguments.Skip(operands)];
        if (numbers.Length is 0 or > 3)
            throw new UsageException("", Usage);
        decimal first = numbers.Length > 1 ? Parse(numbers[0]) : 1;
        decimal step = numbers.Length > 2 ? Parse(numbers[1]) : 1;
        decimal last = Parse(numbers[^1]);
        int decimals = numbers.SkipLast(1).Select(n => n.IndexOf('.') is >= 0 and var dot ? n.Length - dot - 1 : 0).Append(0).Max();

        string Text(decimal value) => value.ToString("F" + Math.Min(decimals, 28), CultureInfo.InvariantCulture);

        int width = options.Has('w') ? Math.Max(Text(first).Length, Text(last).Length) : 0;
        string separator = "";
        for (decimal value = first; step >= 0 ? value <= last : value >= last; value += step)
        {
            string digits = Text(value);
            context.Write(separator + (value < 0 ? "-" + digits[1..].PadLeft(Math.Max(width - 1, 0), '0') : digits.PadLeft(width, '0')));
            separator = options.Value('s') ?? "\n";
        }
        if (separator.Length > 0)
            context.Write("\n");
        return 0;
    }

    /// <summary>Numbers beyond 10^18 are refused; so no sum of the series leaves the range of the type.</summary>
    private static decimal Parse(string text)
    {
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value) && Math.Abs(value) <= 1_000_000_000_000_000_000m)
            return value;
        throw new UsageException("", Usage);
    }
}
