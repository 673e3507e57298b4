using Tophalf.Kernel.Procfs;
using Tophalf.Linux;

namespace Tophalf.Tests.Userland;

/// <summary>A kernel's files for tests: paths with their text; directories are whatever a path runs through. Files are not created by writing, as in /proc.</summary>
internal sealed class MemoryTree : IFileTree
{
    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Func<string, Errno>> _handlers = [];

    /// <summary>Every write(2) in order, as "path: text".</summary>
    public List<string> Writes { get; } = [];

    public MemoryTree With(string path, string text, Func<string, Errno>? onWrite = null)
    {
        _files[path] = text;
        if (onWrite is not null)
            _handlers[path] = onWrite;
        return this;
    }

    public Errno Read(string path, out string text)
    {
        text = _files.GetValueOrDefault(path, "");
        return _files.ContainsKey(path) ? Errno.None : ErrnoOf(path, ifDirectory: Errno.EISDIR);
    }

    public Errno Write(string path, string text)
    {
        if (!_files.ContainsKey(path))
            return ErrnoOf(path, ifDirectory: Errno.EISDIR);
        Writes.Add($"{path}: {text}");
        var errno = _handlers.TryGetValue(path, out var handler) ? handler(text) : Errno.None;
        if (errno == Errno.None)
            _files[path] = text;
        return errno;
    }

    public Errno List(string path, out IReadOnlyList<string> names)
    {
        string prefix = path == "/" ? "/" : path + "/";
        names = [.. _files.Keys.Where(p => p.StartsWith(prefix, StringComparison.Ordinal))
            .Select(p => p[prefix.Length..].Split('/')[0]).Distinct().Order(StringComparer.Ordinal)];
        return names.Count > 0 ? Errno.None : _files.ContainsKey(path) ? Errno.ENOTDIR : ErrnoOf(path, ifDirectory: Errno.None);
    }

    public Errno Stat(string path, out FileStatus status)
    {
        bool directory = List(path, out var names) == Errno.None;
        status = new FileStatus(directory, directory ? FileStatus.SearchByAll : _handlers.ContainsKey(path) ? FileStatus.ReadWriteByOwner : FileStatus.ReadByAll, directory ? 2 + names.Count(name => !_files.ContainsKey($"{path}/{name}")) : 1, 0);
        return directory || _files.ContainsKey(path) ? Errno.None : ErrnoOf(path, ifDirectory: Errno.None);
    }

    private Errno ErrnoOf(string path, Errno ifDirectory)
    {
        if (_files.Keys.Any(p => p.StartsWith(path + "/", StringComparison.Ordinal)))
            return ifDirectory;
        return _files.Keys.Any(p => path.StartsWith(p + "/", StringComparison.Ordinal)) ? Errno.ENOTDIR : Errno.ENOENT;
    }
}
