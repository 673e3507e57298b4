namespace Tophalf.Userland.Programs;

/// <summary>uname [-amnrsv]</summary>
internal static class Uname
{
    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        const string usage = "[-amnrsv]";
        var options = new OptionParser(arguments, "amnrsv", "", usage);
        if (options.Operands.Count > 0)
            throw new UsageException("", usage);
        (char Letter, string Text)[] parts =
            [('s', "Linux"), ('n', "tophalf"), ('r', context.Host.Release), ('v', context.Host.Version), ('m', "x86_64"), ('a', "GNU/Linux")];
        var chosen = parts.Where(p => options.Has('a') || options.Has(p.Letter) || arguments.Count == 0 && p.Letter == 's');
        context.WriteLine(string.Join(' ', chosen.Select(p => p.Text)));
        return 0;
    }
}
