using Tophalf.Linux;
using Tophalf.Userland.Files;

namespace Tophalf.Userland.Programs;

/// <summary>insmod FILE and rmmod NAME..., in busybox's words (modutils/insmod.c, modutils.c moderror, rmmod.c).</summary>
internal static class Modules
{
    private const string Suffix = ".ko";

    public static int RunInsmod(ProgramContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0)
            throw new UsageException("", "FILE [SYMBOL=VALUE]...");
        string file = arguments[0];
        var errno = Errno.ENOENT;
        if (context.KindOf(file) == FileKind.File)
        {
            string name = file[(file.LastIndexOf('/') + 1)..];
            errno = context.Host.InsertModule(name.EndsWith(Suffix, StringComparison.Ordinal) ? name[..^Suffix.Length] : name);
        }
        if (errno == Errno.None)
            return 0;
        context.Complain($"can't insert '{file}': {(errno == Errno.ENOENT ? "unknown symbol in module, or unknown parameter" : errno.Text())}");
        return 1;
    }

    public static int RunRmmod(ProgramContext context, IReadOnlyList<string> arguments)
    {
        int status = 0;
        foreach (string name in arguments)
        {
            var errno = context.Host.RemoveModule(name.EndsWith(Suffix, StringComparison.Ordinal) ? name[..^Suffix.Length] : name);
            if (errno == Errno.None)
                continue;
            context.Complain($"can't unload module '{name}': {errno.Text()}");
            status = 1;
        }
        return status;
    }
}
