using Tophalf.Linux;

namespace Tophalf.Kernel.Procfs;

/// <summary>What ls -l says of a file: permission bits, links, and the size stat(2) gives.</summary>
/// <param name="IsDirectory">A directory.</param>
/// <param name="Mode">The nine permission bits.</param>
/// <param name="Links">Names of the file; of a directory, itself, its parent's entry and one for each directory in it.</param>
/// <param name="Size">0 in procfs, a page in sysfs.</param>
public readonly record struct FileStatus(bool IsDirectory, int Mode, int Links, long Size)
{
    /// <summary>0444, 0200, 0644, 0555, 0755, 0750: C# has no octal numbers.</summary>
    public const int ReadByAll = 0x124, WriteByOwner = 0x80, ReadWriteByOwner = 0x1A4, SearchByAll = 0x16D, EverythingByOwner = 0x1ED, HiddenFromOthers = 0x1E8;
}

/// <summary>A node of the kernel's file tree.</summary>
internal abstract record Node;

/// <summary>A file that is made up when it is read and acts when it is written.</summary>
/// <param name="Read">Its text; null for a file that can only be written.</param>
/// <param name="Write">One write(2); null for a file that has no write operation.</param>
internal sealed record File(Func<string>? Read, Func<string, Errno>? Write = null) : Node
{
    /// <summary>Where the permissions say less than the operations: a file without write permission that root can open, and be refused by.</summary>
    public bool LooksReadOnly { get; init; }

    /// <summary>What reading a file without a text is answered with.</summary>
    public Errno ReadError { get; init; } = Errno.EACCES;

    /// <summary>What opening the file with O_TRUNC does, as the shell's > opens it; null for nothing.</summary>
    public Action? Truncate { get; init; }

    public bool CanBeRead => Read is not null;
    public bool CanBeWritten => Write is not null && !LooksReadOnly;
}

/// <summary>A directory; its names are worked out when asked for.</summary>
internal sealed record Directory(Func<IEnumerable<string>> Names, Func<string, Node?> Child) : Node
{
    public static Directory Of(params (string Name, Node Node)[] children)
    {
        var map = children.ToDictionary(child => child.Name, child => child.Node);
        return new Directory(() => map.Keys, name => map.GetValueOrDefault(name));
    }
}
