using Tophalf.Linux;
using Tophalf.Userland.Files;
using Tophalf.Userland.Shell.Expansion;
using Tophalf.Userland.Shell.Syntax;

namespace Tophalf.Userland.Shell;

/// <summary>Opens what a command's redirections name, from left to right (POSIX.1-2017, Shell Command Language 2.7).</summary>
internal static class Redirector
{
    /// <summary>False, with ash's words in <paramref name="error"/>, at the first that cannot be opened.</summary>
    public static bool TryApply(
        IReadOnlyList<Redirection> redirections, Expander expander, FileView files, string workingDirectory, ref StandardStreams streams, out string error)
    {
        error = "";
        foreach (var redirection in redirections)
        {
            string target = expander.ExpandText(redirection.Target);
            error = redirection.Kind == RedirectionKind.Duplicate
                ? Duplicate(redirection, target, ref streams)
                : Open(redirection, target, files, workingDirectory, ref streams);
            if (error.Length > 0)
                return false;
        }
        return true;
    }

    private static string Open(Redirection redirection, string target, FileView files, string workingDirectory, ref StandardStreams streams)
    {
        string path = FileView.Resolve(workingDirectory, target);
        bool reads = redirection.Kind == RedirectionKind.Input;
        if (redirection.Descriptor > 2 || reads != (redirection.Descriptor == 0))
            return $"{redirection.Descriptor}: Bad file descriptor";
        if (target.Length == 0)
            return CannotOpen(reads, target, Errno.ENOENT);
        string text = "";
        var errno = reads ? files.Read(path, out text) : files.OpenForWriting(path, append: redirection.Kind == RedirectionKind.Append);
        if (errno != Errno.None)
            return CannotOpen(reads, target, errno);
        if (reads)
            streams = streams with { Input = new TextInput(text) };
        else if (redirection.Descriptor == 1)
            streams = streams with { Output = new FileTarget(files, path) };
        else
            streams = streams with { Error = new FileTarget(files, path) };
        return "";
    }

    private static string CannotOpen(bool reads, string target, Errno errno) =>
        reads ? $"can't open {target}: {(errno is Errno.ENOENT or Errno.ENOTDIR ? "no such file" : errno.Text())}"
            : $"can't create {target}: {(errno is Errno.ENOENT or Errno.ENOTDIR ? "nonexistent directory" : errno.Text())}";

    private static string Duplicate(Redirection redirection, string target, ref StandardStreams streams)
    {
        switch (redirection.Descriptor, target)
        {
            case (1, "2"):
                streams = streams with { Output = streams.Error };
                return "";
            case (2, "1"):
                streams = streams with { Error = streams.Output };
                return "";
            case (0, "0") or (1, "1") or (2, "2"):
                return "";
            default:
                return $"{target}: Bad file descriptor";
        }
    }
}
