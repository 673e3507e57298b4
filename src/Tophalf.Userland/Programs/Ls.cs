using System.Globalization;
using System.Text;
using Tophalf.Kernel.Procfs;
using Tophalf.Linux;
using Tophalf.Userland.Files;

namespace Tophalf.Userland.Programs;

/// <summary>ls [-1aAdln] [FILE]...: names, one on a line; with -l or -n what stat(2) says of each, in BusyBox's columns.</summary>
internal static class Ls
{
    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        var options = new OptionParser(arguments, "1aAdln", "", "[-1aAdln] [FILE]...");
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
            context.WriteLine(Row(context, file, file, options));
        bool blank = files.Count > 0;
        foreach (string directory in directories.Order(StringComparer.Ordinal))
        {
            if (operands.Length > 1)
                context.Write($"{(blank ? "\n" : "")}{directory}:\n");
            blank = true;
            // Blocks on disk, of which files made up when read have none.
            if (IsLong(options))
                context.WriteLine("total 0");
            foreach (string name in Names(context, directory, options))
                context.WriteLine(Row(context, $"{directory}/{name}", name, options));
        }
        return status;
    }

    private static bool IsLong(OptionParser options) => options.Has('l') || options.Has('n');

    private static string Row(ProgramContext context, string path, string name, OptionParser options)
    {
        if (!IsLong(options) || context.Stat(path, out var status) != Errno.None)
            return name;
        string owner = options.Has('n') ? "0" : "root";
        // The machine booted at the beginning of time.
        var changed = DateTime.UnixEpoch.AddSeconds(context.Host.NowNs / 1_000_000_000);
        return string.Create(CultureInfo.InvariantCulture,
            $"{Mode(status)} {status.Links,4} {owner,-8} {owner,-8} {status.Size,9} {changed:MMM} {changed.Day,2} {changed:HH:mm} {name}");
    }

    private static string Mode(FileStatus status)
    {
        var text = new StringBuilder(status.IsDirectory ? "d" : "-");
        for (int bit = 8; bit >= 0; bit--)
            text.Append((status.Mode >> bit & 1) != 0 ? "xwr"[bit % 3] : '-');
        return text.ToString();
    }

    private static IEnumerable<string> Names(ProgramContext context, string directory, OptionParser options)
    {
        context.ListDirectory(directory, out var names);
        var shown = names.Where(n => n[0] != '.' || options.Has('a') || options.Has('A'));
        return (options.Has('a') ? shown.Concat([".", ".."]) : shown).Order(StringComparer.Ordinal);
    }
}
