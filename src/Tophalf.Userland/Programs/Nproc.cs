namespace Tophalf.Userland.Programs;

/// <summary>nproc [--all] [--ignore=N]</summary>
internal static class Nproc
{
    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        const string ignore = "--ignore=";
        int ignored = 0;
        foreach (string argument in arguments)
            if (argument.StartsWith(ignore, StringComparison.Ordinal))
                ignored = TextLines.ParseCount(argument[ignore.Length..]);
            else if (argument != "--all" && argument.StartsWith('-'))
                throw new UsageException($"invalid option -- '{argument.TrimStart('-')}'", "[--all] [--ignore=N]");
        context.WriteLine($"{Math.Max(context.Host.OnlineCpus - ignored, 1)}");
        return 0;
    }
}
