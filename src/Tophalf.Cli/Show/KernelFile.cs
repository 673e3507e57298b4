using Tophalf.Cli.Text;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>Tells from its text which kernel file somebody saved, and shows it.</summary>
internal static class KernelFile
{
    /// <summary>Fewer than any kernel prints, so that a file that was cut is told to be one.</summary>
    private const int SoftnetColumns = 3;

    /// <summary>Throws <see cref="ReaderException"/> when the text is none of the files known.</summary>
    public static void Show(Page page, string name, string text)
    {
        if (HasLine(text, line => line.Contains('|') && line.Contains("bytes", StringComparison.Ordinal)))
            NetDevPage.Write(page, name, ProcNetDev.Parse(text));
        else if (HasLine(text, IsStatLine))
            StatPage.Write(page, name, ProcStat.Parse(text));
        else if (IsSoftnetLine(text.TrimStart().Split('\n', 2)[0]))
            SoftnetPage.Write(page, name, SoftnetStat.Parse(text));
        else if (SoftirqName.InVectorOrder.Any(vector => text.Contains(vector + ":", StringComparison.Ordinal)) && !HasNumberedRow(text))
            SoftirqsPage.Write(page, name, ProcSoftirqs.Parse(text));
        else
            InterruptsPage.Write(page, name, Interrupts(text));
    }

    /// <summary>The reader takes any rows of numbers; without the line of CPU columns most of them must name a controller.</summary>
    private static ProcInterrupts Interrupts(string text)
    {
        if (HasLine(text, line => line.Contains("CPU0", StringComparison.Ordinal)) || HasNumberedRow(text))
        {
            ProcInterrupts table = ProcInterrupts.Parse(text);
            int lines = table.Numbered.Count();
            int withController = table.Numbered.Count(row => row.Chip != null && row.Actions.Length > 0);
            if (table.HasHeader || withController > lines / 2)
                return table;
        }

        string known = string.Join(", ", ProcInterrupts.Path, ProcSoftirqs.Path, ProcStat.Path, SoftnetStat.Path);
        throw new ReaderException(1, 1, "this is no kernel file that show knows", $"give the text of {known} or {ProcNetDev.Path}");
    }

    private static bool HasLine(string text, Func<string, bool> isMeant)
    {
        var lines = new StringReader(text);
        while (lines.ReadLine() is { } line)
        {
            if (isMeant(line))
                return true;
        }

        return false;
    }

    private static bool HasNumberedRow(string text) =>
        HasLine(text, line => line.IndexOf(':') is > 0 and var colon && line.AsSpan(0, colon).Trim() is { Length: > 0 } label && label.IndexOfAnyExceptInRange('0', '9') < 0);

    /// <summary>"cpu  123 4 …", the line that sums all CPUs.</summary>
    private static bool IsStatLine(string line) => line.StartsWith("cpu ", StringComparison.Ordinal) && line.AsSpan(4).TrimStart() is [>= '0' and <= '9', ..];

    /// <summary>Nothing but numbers of eight hexadecimal digits.</summary>
    private static bool IsSoftnetLine(string line)
    {
        string[] fields = line.Split([' ', '\r'], StringSplitOptions.RemoveEmptyEntries);
        return fields.Length >= SoftnetColumns && fields.All(field => field.Length == 8 && field.All(char.IsAsciiHexDigit));
    }
}
