using Tophalf.Linux;
using Tophalf.Userland.Files;

namespace Tophalf.Userland.Programs;

/// <summary>ls [-1aAd] [FILE]...: names, one on a line.</summary>
internal static class Ls
{
    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        var options = new OptionParser(arguments, "1aAd", "", "[-1aAd] [FILE]...");
        int status = 0;
        var files = new List<string>();
        var directories = new List<string>();
        string[] operands = [.. options.Operands.DefaultIfEmpty(".")];
        foreach (string name in operands)
        {
            var kind = context.KindOf(name);
            if (kind == FileKind.Missing)
            {
                context.Complain($"{name}: {Errno.ENOENT.Text()}");
                status = 1;
            }
            else
                (kind == FileKind.Directory && !options.Has('d') ? directories : files).Add(name);
        }
        foreach (string file in files.Order(StringComparer.Ordinal))
            context.WriteLine(file);
        bool blank = files.Count > 0;
        foreach (string directory in directories.Order(StringComparer.Ordinal))
        {
            if (operands.Length > 1)
                context.Write($"{(blank ? "\n" : "")}{directory}:\n");
            blank = true;
            foreach (string name in Names(context, directory, options))
                context.WriteLine(name);
        }
        return status;
    }

    private static IEnumerable<string> Names(ProgramContext context, string directory, OptionParser options)
    {
        context.ListDirectory(directory, out var names);
        var shown = names.Where(n => n[0] != '.' || options.Has('a') || options.Has('A'));
        return (options.Has('a') ? shown.Concat([".", ".."]) : shown).Order(StringComparer.Ordinal);
    }
}
