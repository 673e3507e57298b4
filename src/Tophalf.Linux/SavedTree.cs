namespace Tophalf.Linux;

/// <summary>
/// The files of a machine in memory, as somebody saved them: read-only, without commands, at one moment.
/// Paths are absolute and in plain form, as in <c>/proc/irq/24/smp_affinity</c>.
/// </summary>
public sealed class SavedTree : ILinuxMachine
{
    private readonly Dictionary<string, string> _files = [];
    private readonly Dictionary<string, SortedSet<string>> _directories = new() { ["/"] = new(StringComparer.Ordinal) };

    /// <summary>Paths of all files, in no order.</summary>
    public IReadOnlyCollection<string> Files => _files.Keys;

    /// <summary>Paths of all directories, empty ones included, in no order.</summary>
    public IReadOnlyCollection<string> Directories => _directories.Keys;

    /// <summary>Adds a file and the directories above it; an older text of that path is replaced.</summary>
    /// <exception cref="ArgumentException"><paramref name="path"/> is not absolute and plain, or runs through a file.</exception>
    public SavedTree Add(string path, string text)
    {
        if (!IsPlain(path) || path == "/" || _directories.ContainsKey(path))
            throw new ArgumentException($"{path} cannot be a file of this tree", nameof(path));
        AddDirectory(Parent(path)).Add(path[(path.LastIndexOf('/') + 1)..]);
        _files[path] = text;
        return this;
    }

    /// <summary>Adds a directory, which may stay empty, and those above it; returns the names in it.</summary>
    /// <exception cref="ArgumentException"><paramref name="path"/> is not absolute and plain, or runs through a file.</exception>
    public SortedSet<string> AddDirectory(string path)
    {
        if (_directories.TryGetValue(path, out SortedSet<string>? names))
            return names;
        if (!IsPlain(path) || _files.ContainsKey(path))
            throw new ArgumentException($"{path} cannot be a directory of this tree", nameof(path));
        AddDirectory(Parent(path)).Add(path[(path.LastIndexOf('/') + 1)..]);
        return _directories[path] = new SortedSet<string>(StringComparer.Ordinal);
    }

    /// <summary>Whether the path begins with a slash and has no empty, "." or ".." part, no NUL, and no more than 64 parts of sane length.</summary>
    public static bool IsPlain(string path)
    {
        const int DeepestPath = 64, LongestPath = 4096;
        if (path == "/")
            return true;
        if (path.Length > LongestPath || path[0] != '/' || path.Contains('\0'))
            return false;
        string[] parts = path[1..].Split('/');
        return parts.Length <= DeepestPath && !parts.Any(part => part is "" or "." or "..");
    }

    public bool IsDirectory(string path) => _directories.ContainsKey(path);

    public bool Contains(string path) => _files.ContainsKey(path) || _directories.ContainsKey(path);

    public string Read(string path) =>
        _files.TryGetValue(path, out string? text) ? text : throw new LinuxException(_directories.ContainsKey(path) ? Errno.EISDIR : Absence(path), path);

    public IReadOnlyList<string> List(string path)
    {
        string plain = path.Length > 1 ? path.TrimEnd('/') : path;
        if (_directories.TryGetValue(plain, out SortedSet<string>? names))
            return [.. names];
        throw new LinuxException(_files.ContainsKey(plain) ? Errno.ENOTDIR : Absence(plain), path);
    }

    /// <summary>Nothing saved can be written.</summary>
    public void Write(string path, string text) => throw new LinuxException(Errno.EROFS, path);

    public CommandResult Run(string commandLine) => throw new LinuxException(Errno.EOPNOTSUPP, commandLine);

    /// <summary>The one moment there is.</summary>
    public long NowNs => 0;

    public void Sleep(long durationNs)
    {
    }

    private Errno Absence(string path)
    {
        for (string above = path; above.Length > 1;)
        {
            above = Parent(above);
            if (_files.ContainsKey(above))
                return Errno.ENOTDIR;
        }
        return Errno.ENOENT;
    }

    private static string Parent(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "/";
}
