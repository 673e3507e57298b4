using System.Globalization;

namespace Tophalf.Linux;

/// <summary>How long work stood still for want of something, one line of a file in /proc/pressure.</summary>
/// <param name="Avg10">Percent of the last 10 seconds; likewise 60 and 300.</param>
/// <param name="TotalUs">Microseconds since boot.</param>
public readonly record struct PressureLine(double Avg10, double Avg60, double Avg300, long TotalUs);

/// <summary>/proc/pressure/cpu, io, memory or irq (kernel/sched/psi.c, since 4.20; irq since 6.1).</summary>
/// <param name="Some">At least one task stood still; null in irq, which has only the other line.</param>
/// <param name="Full">All tasks did; null in cpu before 5.13.</param>
public sealed record ProcPressure(PressureLine? Some, PressureLine? Full)
{
    public const string Path = "/proc/pressure";

    /// <param name="resource">cpu, io, memory or irq.</param>
    public static ProcPressure Read(ILinuxMachine machine, string resource) => Parse(machine.Read($"{Path}/{resource}"));

    public static ProcPressure Parse(string text)
    {
        ReaderLimits.CheckText(text, Path);
        PressureLine? some = null, full = null;
        foreach (TextLine line in new TextLines(text))
        {
            Fields fields = new(line.Text);
            if (!fields.Take(out ReadOnlySpan<char> name))
                continue;
            if (name is "some" && some is null)
                some = Values(fields, line);
            else if (name is "full" && full is null)
                full = Values(fields, line);
            else
                throw ReaderException.WrongFile(Path, line.Number, line.FirstColumn, "a line that begins neither with \"some\" nor with \"full\"");
        }
        return some is null && full is null ? throw ReaderException.WrongFile(Path, 1, 1, "no line \"some avg10=0.00 …\"") : new ProcPressure(some, full);
    }

    private static PressureLine Values(Fields fields, TextLine line)
    {
        return new PressureLine(Average(ref fields, line, "avg10="), Average(ref fields, line, "avg60="), Average(ref fields, line, "avg300="), Total(ref fields, line));

        static double Average(ref Fields fields, TextLine line, string key)
        {
            if (fields.Take(out ReadOnlySpan<char> field) && field.StartsWith(key)
                && double.TryParse(field[key.Length..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value))
                return value;
            throw ReaderException.WrongFile(Path, line.Number, line.ColumnOf(fields, field), $"no {key}NUMBER");
        }

        static long Total(ref Fields fields, TextLine line)
        {
            if (fields.Take(out ReadOnlySpan<char> field) && field.StartsWith("total=") && Fields.TryCounter(field[6..], out long value))
                return value;
            throw ReaderException.WrongFile(Path, line.Number, line.ColumnOf(fields, field), "no total=NUMBER");
        }
    }
}
