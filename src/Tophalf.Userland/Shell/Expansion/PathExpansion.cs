using Tophalf.Linux;
using Tophalf.Userland.Files;

namespace Tophalf.Userland.Shell.Expansion;

/// <summary>Pathname expansion (POSIX.1-2017, Shell Command Language 2.6.6) against the file tree.</summary>
internal static class PathExpansion
{
    /// <summary>The paths that match, in ordinal order; empty where none does.</summary>
    public static List<string> Expand(FileView files, string workingDirectory, string pattern)
    {
        var found = new List<string> { pattern.StartsWith('/') ? "/" : "" };
        string[] components = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < components.Length; i++)
        {
            string separator = i + 1 < components.Length || pattern.EndsWith('/') ? "/" : "";
            found = Pattern.HasMagic(components[i])
                ? MatchIn(files, workingDirectory, found, components[i], separator)
                : found.ConvertAll(path => path + Pattern.Unescape(components[i]) + separator);
            if (found.Count > ShellLimits.Words)
                throw new RunLimitException("too many words");
        }
        found.RemoveAll(path => !Exists(files, workingDirectory, path));
        found.Sort(StringComparer.Ordinal);
        return found;
    }

    private static List<string> MatchIn(FileView files, string workingDirectory, List<string> directories, string component, string separator)
    {
        var found = new List<string>();
        foreach (string directory in directories)
        {
            if (files.List(FileView.Resolve(workingDirectory, directory), out var names) != Errno.None)
                continue;
            foreach (string name in names)
                // A leading period has to be matched by one that is written.
                if ((name[0] != '.' || component[0] == '.') && Pattern.Matches(component, name))
                    found.Add(directory + name + separator);
        }
        return found;
    }

    private static bool Exists(FileView files, string workingDirectory, string path)
    {
        var kind = files.Kind(FileView.Resolve(workingDirectory, path));
        return kind == FileKind.Directory || kind == FileKind.File && !path.EndsWith('/');
    }
}
