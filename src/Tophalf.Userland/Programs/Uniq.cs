using Tophalf.Linux;

namespace Tophalf.Userland.Programs;

/// <summary>uniq [-cdu] [FILE]</summary>
internal static class Uniq
{
    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        const string usage = "[-cdu] [FILE]";
        var options = new OptionParser(arguments, "cdu", "", usage);
        if (options.Operands.Count > 1)
            throw new UsageException("", usage);
        string file = options.Operands.Count == 1 ? options.Operands[0] : "-";
        string text = "";
        if (file == "-")
            text = context.Input.ReadToEnd();
        else if (context.ReadFile(file, out text) is not Errno.None and var errno)
        {
            context.Complain($"can't open '{file}': {errno.Text()}");
            return 1;
        }
        string[] lines = TextLines.Split(text);
        for (int i = 0; i < lines.Length;)
        {
            int end = i + 1;
            while (end < lines.Length && lines[end] == lines[i])
                end++;
            bool repeated = end - i > 1;
            if (repeated ? !options.Has('u') : !options.Has('d'))
                context.WriteLine(options.Has('c') ? $"{end - i,7} {lines[i]}" : lines[i]);
            i = end;
        }
        return 0;
    }
}
