using Tophalf.Linux;

namespace Tophalf.Kernel.Procfs;

/// <summary>The files a kernel shows under <c>/proc</c> and <c>/sys</c>. Every call answers with an error number, as a system call does.</summary>
public interface IFileTree
{
    /// <summary>Text of the file at an absolute path; ENOENT, EISDIR, EACCES, EIO …</summary>
    Errno Read(string path, out string text);

    /// <summary>open(2) for writing of a file that is there: EACCES where the file system knows then that nobody can store.</summary>
    /// <param name="path">Which file.</param>
    /// <param name="truncate">With O_TRUNC, which means something to a few files only.</param>
    Errno OpenForWriting(string path, bool truncate) => Errno.None;

    /// <summary>One write(2) of <paramref name="text"/>; EINVAL, EPERM, EOVERFLOW, EIO … as the kernel's write handler says.</summary>
    Errno Write(string path, string text);

    /// <summary>Names in a directory, sorted by ordinal order; ENOENT, ENOTDIR.</summary>
    Errno List(string path, out IReadOnlyList<string> names);

    /// <summary>stat(2); ENOENT, ENOTDIR.</summary>
    Errno Stat(string path, out FileStatus status);
}
