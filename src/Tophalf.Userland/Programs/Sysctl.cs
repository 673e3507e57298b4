using Tophalf.Linux;
using Tophalf.Userland.Files;

namespace Tophalf.Userland.Programs;

/// <summary>sysctl [-enq] [-a] [-w] [KEY[=VALUE]]...: the files of /proc/sys by their names with dots, in the words of busybox 1.35. Nothing is read from files of settings.</summary>
internal static class Sysctl
{
    private const string Root = "/proc/sys/";
    private const string Usage = "[-enq] { -a | [-w] [KEY[=VALUE]]... }";

    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        var options = new OptionParser(arguments, "aenqw", "", Usage);
        if (options.Has('a'))
            return ShowTree(context, Root.TrimEnd('/'), options);
        int status = 0;
        foreach (string word in options.Operands)
            status |= Handle(context, word, options);
        return status;
    }

    private static int Handle(ProgramContext context, string word, OptionParser options)
    {
        int equals = word.IndexOf('=');
        if (equals < 0 && options.Has('w'))
            return Fail(context, $"error: '{word}' must be of the form name=value");
        if (equals == 0)
            return Fail(context, $"error: malformed setting '{word}'");
        string key = equals < 0 ? word : word[..equals];
        string path = PathOf(context, key);
        if (context.KindOf(path) == FileKind.Missing)
            return options.Has('e') ? 1 : Fail(context, $"error: '{Name(path)}' is an unknown key");
        return equals < 0 ? ShowTree(context, path, options) : Set(context, path, word[(equals + 1)..], options);
    }

    private static int Set(ProgramContext context, string path, string value, OptionParser options)
    {
        Errno refused = context.OpenFile(path);
        if (refused != Errno.None)
            return Fail(context, $"error setting key '{Name(path)}': {refused.Text()}");
        refused = context.WriteFile(path, value + "\n");
        if (refused != Errno.None)
            return Fail(context, $"write error: {refused.Text()}");
        if (!options.Has('q'))
            Show(context, path, value + "\n", options);
        return 0;
    }

    /// <summary>A key, or all below it.</summary>
    private static int ShowTree(ProgramContext context, string path, OptionParser options)
    {
        if (context.KindOf(path) == FileKind.Directory)
        {
            context.ListDirectory(path, out IReadOnlyList<string> names);
            return names.Aggregate(0, (status, name) => status | ShowTree(context, $"{path}/{name}", options));
        }
        Errno refused = context.ReadFile(path, out string text);
        if (refused != Errno.None)
            return Fail(context, $"error reading key '{Name(path)}': {refused.Text()}");
        Show(context, path, text, options);
        return 0;
    }

    /// <summary>Each line of a value under the key's name.</summary>
    private static void Show(ProgramContext context, string path, string text, OptionParser options)
    {
        foreach (string line in TextLines.Split(text))
            context.WriteLine(options.Has('n') ? line : $"{Name(path)} = {line}");
    }

    private static string Name(string path) => string.Create(path.Length - Root.Length, path, (name, from) =>
    {
        for (int i = 0; i < name.Length; i++)
            name[i] = from[Root.Length + i] switch { '.' => '/', '/' => '.', char c => c };
    });

    /// <summary>Dots become slashes from left to right, each time the last one with a directory before it: names of interfaces have dots too (sysctl_dots_to_slashes()).</summary>
    private static string PathOf(ProgramContext context, string key)
    {
        string path = Root + key;
        if (context.KindOf(path) != FileKind.Missing)
            return path;
        int good = Root.Length - 1;
        for (int dot = path.LastIndexOf('.'); dot > good; dot = dot > 0 ? path.LastIndexOf('.', dot - 1) : -1)
        {
            if (context.KindOf(path[..dot]) == FileKind.Missing)
                continue;
            path = $"{path[..dot]}/{path[(dot + 1)..]}";
            good = dot;
            dot = path.Length;
        }
        return path;
    }

    private static int Fail(ProgramContext context, string message)
    {
        context.Complain(message);
        return 1;
    }
}
