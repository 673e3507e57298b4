using System.Text;
using Tophalf.Userland.Shell.Expansion;

namespace Tophalf.Userland.Programs;

/// <summary>tr [-cds] SET1 [SET2]</summary>
internal static class Tr
{
    /// <summary>A complement is taken among the single bytes.</summary>
    private const int Bytes = 256;

    private const string Usage = "[-cds] STRING1 [STRING2]";

    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        var options = new OptionParser(arguments, "Ccds", "", Usage);
        if (options.Operands.Count is 0 or > 2)
            throw new UsageException("", Usage);
        string from = Expand(options.Operands[0]);
        string to = options.Operands.Count > 1 ? Expand(options.Operands[1]) : "";
        if (options.Has('c') || options.Has('C'))
            from = string.Concat(Enumerable.Range(0, Bytes).Select(i => (char)i).Where(c => !from.Contains(c)));
        bool deletes = options.Has('d');
        var map = new Dictionary<char, char>();
        for (int i = 0; i < from.Length && !deletes && to.Length > 0; i++)
            map[from[i]] = to[Math.Min(i, to.Length - 1)];
        var squeezed = new HashSet<char>(!options.Has('s') ? "" : options.Operands.Count > 1 ? to : from);
        var deleted = new HashSet<char>(deletes ? from : "");

        var result = new StringBuilder();
        char last = '\0';
        foreach (char c in context.Input.ReadToEnd())
        {
            if (deleted.Contains(c))
                continue;
            char written = map.GetValueOrDefault(c, c);
            if (result.Length > 0 && written == last && squeezed.Contains(written))
                continue;
            result.Append(written);
            last = written;
        }
        context.Write(result.ToString());
        return 0;
    }

    /// <summary>Ranges a-z, classes [:digit:] and escapes written out.</summary>
    private static string Expand(string set)
    {
        var members = new StringBuilder();
        for (int i = 0; i < set.Length;)
        {
            if (CharacterClass.TryRead(set, ref i, out string name))
            {
                for (char c = '\0'; c < 128; c++)
                    if (CharacterClass.Contains(name, c))
                        members.Append(c);
                continue;
            }
            char low = Member(set, ref i);
            if (i + 1 >= set.Length || set[i] != '-')
            {
                members.Append(low);
                continue;
            }
            i++;
            char high = Member(set, ref i);
            for (int c = low; c <= high; c++)
                members.Append((char)c);
        }
        return members.ToString();
    }

    private static char Member(string set, ref int i)
    {
        if (set[i] != '\\')
            return set[i++];
        string read = EscapeSequences.ReadOne(set, ref i, octalNeedsZero: false, out _);
        return read.Length > 0 ? read[^1] : 'c';
    }
}
