using Tophalf.Linux;

namespace Tophalf.Userland.Programs;

/// <summary>touch FILE... and rm [-f] FILE..., for the scratch files of a script.</summary>
internal static class TouchAndRemove
{
    public static int RunTouch(ProgramContext context, IReadOnlyList<string> arguments)
    {
        int status = 0;
        foreach (string file in arguments)
        {
            var errno = context.CreateFile(file);
            if (errno == Errno.None)
                continue;
            context.Complain($"{file}: {errno.Text()}");
            status = 1;
        }
        return status;
    }

    public static int RunRemove(ProgramContext context, IReadOnlyList<string> arguments)
    {
        var options = new OptionParser(arguments, "f", "", "[-f] FILE...");
        int status = 0;
        foreach (string file in options.Operands)
        {
            var errno = context.RemoveFile(file);
            if (errno == Errno.None || (errno == Errno.ENOENT && options.Has('f')))
                continue;
            context.Complain($"can't remove '{file}': {errno.Text()}");
            status = 1;
        }
        return status;
    }
}
