using Tophalf.Linux;

namespace Tophalf.Userland.Programs;

/// <summary>tail [-n N] [-c N] [-q] [-N] [FILE]...; +N counts from the start. There is nothing to follow (-f) between two commands.</summary>
internal static class Tail
{
    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        var options = new OptionParser(Head.LongForm(arguments), "q", "nc", "[-n N | -c N] [-q] [FILE]...");
        string amount = options.Value('n') ?? options.Value('c') ?? "10";
        bool fromStart = amount.StartsWith('+');
        int count = TextLines.ParseCount(amount.TrimStart('+', '-'));
        bool characters = options.Value('c') is not null;
        int status = 0, shown = 0;
        foreach (string file in options.Operands.DefaultIfEmpty("-"))
        {
            string text = "";
            var errno = file == "-" ? Errno.None : context.ReadFile(file, out text);
            if (errno != Errno.None)
            {
                context.Complain($"can't open '{file}': {errno.Text()}");
                status = 1;
                continue;
            }
            if (file == "-")
                text = context.Input.ReadToEnd();
            if (options.Operands.Count > 1 && !options.Has('q'))
                context.Write($"{(shown > 0 ? "\n" : "")}==> {file} <==\n");
            shown++;
            int length = characters ? text.Length : TextLines.Split(text).Length;
            int skipped = fromStart ? Math.Min(Math.Max(count - 1, 0), length) : Math.Max(length - count, 0);
            context.Write(characters ? text[skipped..] : text[Head.LinesLength(text, skipped)..]);
        }
        if (shown == 0)
            context.Complain("no files");
        return status;
    }
}
