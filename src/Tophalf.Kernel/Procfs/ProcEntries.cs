using Tophalf.Linux;

namespace Tophalf.Kernel.Procfs;

/// <summary>A file a driver has in /proc (struct proc_ops).</summary>
/// <param name="Show">Its text.</param>
/// <param name="Write">One write(2).</param>
public sealed record ProcEntry(Func<string> Show, Func<string, Errno> Write);

/// <summary>The files drivers have made in /proc (fs/proc/generic.c), by their path below it; the directories on the way are there as long as something is in them.</summary>
public sealed class ProcEntries
{
    private readonly Dictionary<string, ProcEntry> _entries = [];

    /// <summary>What stands in a directory, itself given with a slash at its end; "" for /proc.</summary>
    public IEnumerable<string> NamesIn(string folder) =>
        _entries.Keys.Where(path => path.StartsWith(folder, StringComparison.Ordinal)).Select(path => path[folder.Length..].Split('/')[0]).Distinct();

    public ProcEntry? Find(string path) => _entries.GetValueOrDefault(path);

    /// <summary>proc_create. False when the name is taken.</summary>
    public bool Create(string name, ProcEntry entry) => _entries.TryAdd(name, entry);

    /// <summary>remove_proc_entry.</summary>
    public void Remove(string name) => _entries.Remove(name);
}
