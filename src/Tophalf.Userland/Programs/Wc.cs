namespace Tophalf.Userland.Programs;

/// <summary>wc [-lwc] [FILE]...</summary>
internal static class Wc
{
    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        var options = new OptionParser(arguments, "lwc", "", "[-lwc] [FILE]...");
        bool all = !options.Has('l') && !options.Has('w') && !options.Has('c');
        bool lines = all || options.Has('l'), words = all || options.Has('w'), characters = all || options.Has('c');
        // One number stands alone; several are columns.
        bool columns = (lines ? 1 : 0) + (words ? 1 : 0) + (characters ? 1 : 0) > 1;
        int status = 0;
        long totalLines = 0, totalWords = 0, totalCharacters = 0;

        void Print(long l, long w, long c, string name)
        {
            var counts = new List<long>();
            if (lines)
                counts.Add(l);
            if (words)
                counts.Add(w);
            if (characters)
                counts.Add(c);
            context.WriteLine(string.Join(' ', counts.Select(n => columns ? $"{n,9}" : $"{n}")) + (name.Length > 0 ? " " + name : ""));
        }

        foreach (var (name, text) in context.ReadAll(options.Operands, () => status = 1))
        {
            long l = text.Count(c => c == '\n');
            long w = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
            (totalLines, totalWords, totalCharacters) = (totalLines + l, totalWords + w, totalCharacters + text.Length);
            Print(l, w, text.Length, options.Operands.Count > 0 ? name : "");
        }
        if (options.Operands.Count > 1)
            Print(totalLines, totalWords, totalCharacters, "total");
        return status;
    }
}
