using Tophalf.Kernel.Procfs;
using Tophalf.Linux;

namespace Tophalf.Userland.Files;

internal enum FileKind { Missing, File, Directory }

/// <summary>
/// One name space over the kernel's files, the scratch files at <c>/tmp</c> and <c>/dev/null</c>.
/// Every path is absolute and without <c>.</c> and <c>..</c>, as <see cref="Resolve"/> makes it.
/// </summary>
internal sealed class FileView(IFileTree kernel)
{
    public const string NullDevice = "/dev/null";

    private readonly ScratchFiles _scratch = new();

    /// <summary>Absolute form of a path. A trailing slash asks for a directory and is dropped.</summary>
    public static string Resolve(string workingDirectory, string path)
    {
        string joined = path.StartsWith('/') ? path : workingDirectory + "/" + path;
        var parts = new List<string>();
        foreach (string part in joined.Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part != "..")
                parts.Add(part);
            else if (parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
        }
        return "/" + string.Join('/', parts);
    }

    public Errno Read(string path, out string text)
    {
        text = "";
        if (path == NullDevice)
            return Errno.None;
        if (path == ScratchFiles.MountPoint)
            return Errno.EISDIR;
        return ScratchName(path) is { } name ? _scratch.Read(name, out text) : kernel.Read(path, out text);
    }

    public Errno List(string path, out IReadOnlyList<string> names)
    {
        if (path == ScratchFiles.MountPoint)
        {
            names = _scratch.Names;
            return Errno.None;
        }
        if (ScratchName(path) is { } name)
        {
            names = [];
            return _scratch.Contains(name) ? Errno.ENOTDIR : Errno.ENOENT;
        }
        var errno = kernel.List(path, out names);
        if (path != "/")
            return errno;
        // The root shows the mount point even on a kernel that has no file there.
        string mount = ScratchFiles.MountPoint[1..];
        var root = new SortedSet<string>(errno == Errno.None ? names : [], StringComparer.Ordinal) { mount };
        names = [.. root];
        return Errno.None;
    }

    public FileKind Kind(string path)
    {
        if (path == NullDevice)
            return FileKind.File;
        if (List(path, out _) == Errno.None)
            return FileKind.Directory;
        int slash = path.LastIndexOf('/');
        string parent = slash == 0 ? "/" : path[..slash];
        return List(parent, out var names) == Errno.None && names.Contains(path[(slash + 1)..]) ? FileKind.File : FileKind.Missing;
    }

    /// <summary>stat(2): what ls -l shows.</summary>
    public Errno Stat(string path, out FileStatus status)
    {
        status = new FileStatus(false, FileStatus.ReadWriteByOwner, 1, 0);
        if (path == NullDevice)
            return Errno.None;
        if (path == ScratchFiles.MountPoint)
        {
            status = new FileStatus(true, FileStatus.EverythingByOwner, 2, 0);
            return Errno.None;
        }
        if (ScratchName(path) is not { } name)
            return kernel.Stat(path, out status);
        var errno = _scratch.Read(name, out string text);
        status = status with { Size = text.Length };
        return errno;
    }

    /// <summary>
    /// What open(2) for writing would say. A name the kernel's tree does not list is tried with an empty write, which creates it where files can be made.
    /// </summary>
    public Errno OpenForWriting(string path, bool append)
    {
        if (path == NullDevice)
            return Errno.None;
        if (ScratchName(path) is { } name)
            return _scratch.Create(name, append);
        return Kind(path) switch
        {
            FileKind.Directory => Errno.EISDIR,
            FileKind.File => kernel.OpenForWriting(path, truncate: !append),
            _ => kernel.Write(path, ""),
        };
    }

    /// <summary>One write(2) on an opened file.</summary>
    public Errno Write(string path, string text)
    {
        if (path == NullDevice)
            return Errno.None;
        return ScratchName(path) is { } name ? _scratch.Append(name, text) : kernel.Write(path, text);
    }

    /// <summary>unlink(2): the kernel's own files stay.</summary>
    public Errno Remove(string path)
    {
        if (ScratchName(path) is { } name)
            return _scratch.Remove(name);
        return Kind(path) switch
        {
            FileKind.Missing => Errno.ENOENT,
            FileKind.Directory => Errno.EISDIR,
            _ => Errno.EPERM,
        };
    }

    private static string? ScratchName(string path) =>
        path.StartsWith(ScratchFiles.MountPoint + "/", StringComparison.Ordinal) ? path[(ScratchFiles.MountPoint.Length + 1)..] : null;
}
