using Tophalf.Linux;

namespace Tophalf.Userland.Programs;

/// <summary>cat [-n] [FILE]...</summary>
internal static class Cat
{
    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        var options = new OptionParser(arguments, "nu", "", "[-n] [FILE]...");
        int status = 0, number = 0;
        foreach (string file in options.Operands.DefaultIfEmpty("-"))
        {
            string text = "";
            var errno = file == "-" ? Errno.None : context.ReadFile(file, out text);
            if (errno != Errno.None)
            {
                context.Complain(IsOpenError(errno) ? $"can't open '{file}': {errno.Text()}" : $"read error: {errno.Text()}");
                status = 1;
                continue;
            }
            if (file == "-")
                text = context.Input.ReadToEnd();
            context.Write(options.Has('n') ? Numbered(text, ref number) : text);
        }
        return status;
    }

    /// <summary>The others come from read(2): a directory opens, a register may refuse to be read.</summary>
    private static bool IsOpenError(Errno errno) => errno is Errno.ENOENT or Errno.ENOTDIR or Errno.EACCES or Errno.EPERM or Errno.ENODEV;

    private static string Numbered(string text, ref int number)
    {
        var lines = new List<string>();
        foreach (string line in TextLines.Split(text))
            lines.Add($"{++number,6}\t{line}\n");
        return string.Concat(lines);
    }
}
