namespace Tophalf.Linux;

/// <summary>
/// How much a reader takes in. Dumps come from strangers; these sizes are several times those of the largest machines
/// (1,152 CPUs and 1,056 rows make 13 MB of /proc/interrupts).
/// </summary>
public static class ReaderLimits
{
    /// <summary>Characters of text.</summary>
    public const int MaxCharacters = 64 << 20;

    /// <summary>Rows of one table.</summary>
    public const int MaxRows = 65536;

    /// <summary>Throws when <paramref name="text"/> is too long or binary, so cannot be <paramref name="file"/>.</summary>
    internal static void CheckText(string text, string file)
    {
        if (text.Length > MaxCharacters)
        {
            string problem = $"{text.Length} characters are more than {file} can be";
            throw new ReaderException(1, 1, problem, $"give a text of at most {MaxCharacters} characters");
        }
        int nul = text.AsSpan().IndexOf('\0');
        if (nul < 0)
            return;
        ReadOnlySpan<char> before = text.AsSpan(0, nul);
        int line = before.Count('\n') + 1;
        int column = nul - before.LastIndexOf('\n');
        throw ReaderException.WrongFile(file, line, column, "binary data, not text");
    }

    /// <summary>Throws when a table has grown past <see cref="MaxRows"/>.</summary>
    internal static void CheckRows(int rows, int line)
    {
        if (rows > MaxRows)
            throw new ReaderException(line, 1, $"more than {MaxRows} rows", "cut the text down to one dump of the file");
    }
}
