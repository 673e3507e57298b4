namespace Tophalf.Linux;

/// <summary>
/// A tree of small files as one text, a line each: <c>proc/irq/24/node: -1</c>, newlines inside a file as <c>\n</c>; or what
/// <c>grep -r . /proc/irq</c> prints, <c>/proc/irq/24/node:-1</c>.
/// </summary>
public static class PathListing
{
    private const int LargestFile = 1 << 16;

    /// <summary>The files; lines of another form are passed over. Throws <see cref="ReaderException"/> when there is none.</summary>
    public static SavedTree Parse(string text)
    {
        ReaderLimits.CheckText(text, "a listing of files");
        SavedTree tree = new();
        int files = 0;
        foreach (TextLine line in new TextLines(text))
        {
            if (!TrySplit(line.Text, out string path, out string content))
                continue;
            ReaderLimits.CheckRows(++files, line.Number);
            // grep prints a file of several lines line by line.
            string before = tree.Files.Contains(path) ? tree.Read(path) : "";
            if (before.Length > LargestFile)
                throw new ReaderException(line.Number, line.FirstColumn, $"{path} has more than {LargestFile} characters", "list the small files of proc and sys only");
            try
            {
                tree.Add(path, before + content);
            }
            catch (ArgumentException)
            {
                throw new ReaderException(line.Number, line.FirstColumn, $"{path} is a file and a directory at once", "give the listing of one tree");
            }
        }
        return files > 0 ? tree : throw new ReaderException(1, 1, "no line \"path: content\" below proc or sys", "give a listing such as proc/irq/24/node: -1");
    }

    /// <summary>Whether a line is one of such a listing.</summary>
    public static bool IsLine(ReadOnlySpan<char> line) => TrySplit(line, out _, out _);

    private static bool TrySplit(ReadOnlySpan<char> line, out string path, out string content)
    {
        (path, content) = ("", "");
        ReadOnlySpan<char> relative = line.StartsWith("/") ? line[1..] : line;
        if (!relative.StartsWith("proc/") && !relative.StartsWith("sys/"))
            return false;
        // PCI addresses and handler names have colons, so the name ends at the first that a blank follows; without one at the first behind the last slash.
        int colon = relative.IndexOf(": ");
        if (colon < 0)
        {
            int slash = relative.LastIndexOf('/');
            int behind = relative[slash..].IndexOf(':');
            colon = behind < 0 ? -1 : slash + behind;
        }
        if (colon < 0)
            return false;
        path = "/" + relative[..colon].TrimEnd().ToString();
        content = relative[(colon + 1)..].TrimStart().ToString().Replace("\\n", "\n", StringComparison.Ordinal);
        if (!content.EndsWith('\n'))
            content += "\n";
        return SavedTree.IsPlain(path);
    }
}
