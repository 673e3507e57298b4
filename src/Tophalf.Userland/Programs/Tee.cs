using Tophalf.Linux;

namespace Tophalf.Userland.Programs;

/// <summary>tee [-a] [FILE]...: busybox's, which calls whatever a file refuses an I/O error.</summary>
internal static class Tee
{
    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        var options = new OptionParser(arguments, "ai", "", "[-ai] [FILE]...");
        string text = context.Input.ReadToEnd();
        context.Write(text);
        int status = 0;
        foreach (string file in options.Operands)
        {
            Errno refused = context.OpenFile(file, options.Has('a'));
            if (refused != Errno.None)
                context.Complain($"{file}: {refused.Text()}");
            else if (text.Length > 0 && (refused = context.WriteFile(file, text)) != Errno.None)
                context.Complain($"{file}: I/O error");
            status |= refused == Errno.None ? 0 : 1;
        }
        return status;
    }
}
