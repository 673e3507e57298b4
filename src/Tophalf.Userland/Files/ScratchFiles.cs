using System.Text;
using Tophalf.Linux;

namespace Tophalf.Userland.Files;

/// <summary>
/// The tmpfs a session has at <c>/tmp</c>, so that scripts can keep a file between two commands:
/// <c>cat /proc/interrupts > /tmp/before; sleep 1; …</c>. Flat: it has files and no directories.
/// </summary>
internal sealed class ScratchFiles
{
    public const string MountPoint = "/tmp";

    /// <summary>Characters that fit; one more is ENOSPC, as on a tmpfs with a size.</summary>
    private const long Capacity = 32 << 20;

    private readonly SortedDictionary<string, StringBuilder> _files = new(StringComparer.Ordinal);
    private long _used;

    public IReadOnlyList<string> Names => [.. _files.Keys];

    public bool Contains(string name) => _files.ContainsKey(name);

    public Errno Read(string name, out string text)
    {
        bool found = _files.TryGetValue(name, out var content);
        text = found ? content!.ToString() : "";
        return found ? Errno.None : Errno.ENOENT;
    }

    /// <summary>open(2) with O_CREAT, and O_TRUNC unless <paramref name="append"/>.</summary>
    public Errno Create(string name, bool append)
    {
        if (name.Contains('/'))
            return Errno.ENOENT;
        if (!_files.TryGetValue(name, out var content))
            _files[name] = new StringBuilder();
        else if (!append)
        {
            _used -= content.Length;
            content.Clear();
        }
        return Errno.None;
    }

    public Errno Remove(string name)
    {
        if (!_files.Remove(name, out var content))
            return Errno.ENOENT;
        _used -= content.Length;
        return Errno.None;
    }

    public Errno Append(string name, string text)
    {
        if (!_files.TryGetValue(name, out var content))
            return Errno.ENOENT;
        if (_used + text.Length > Capacity)
            return Errno.ENOSPC;
        _used += text.Length;
        content.Append(text);
        return Errno.None;
    }
}
