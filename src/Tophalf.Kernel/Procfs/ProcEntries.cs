using Tophalf.Linux;

namespace Tophalf.Kernel.Procfs;

/// <summary>A file a driver has in /proc (struct proc_ops).</summary>
/// <param name="Show">Its text.</param>
/// <param name="Write">One write(2).</param>
public sealed record ProcEntry(Func<string> Show, Func<string, Errno> Write);

/// <summary>The files drivers have made in /proc (fs/proc/generic.c).</summary>
public sealed class ProcEntries
{
    private readonly Dictionary<string, ProcEntry> _entries = [];

    public IEnumerable<string> Names => _entries.Keys;

    public ProcEntry? Find(string name) => _entries.GetValueOrDefault(name);

    /// <summary>proc_create. False when the name is taken.</summary>
    public bool Create(string name, ProcEntry entry) => _entries.TryAdd(name, entry);

    /// <summary>remove_proc_entry.</summary>
    public void Remove(string name) => _entries.Remove(name);
}
