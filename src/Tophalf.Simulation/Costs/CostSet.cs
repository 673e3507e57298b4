using System.Collections.Frozen;

namespace Tophalf.Simulation;

/// <summary>
/// What the primitive steps of a machine cost: how long a message takes on the bus, an EOI, the receive path of one packet. Data with its
/// provenance, read from a table (costs/*.costs), so that there is no number of nanoseconds in code and every report can name its set.
/// A set never changes. Look a cost up once and keep the number; a lookup is too slow for the path of a packet.
/// </summary>
public sealed class CostSet
{
    private const string ResourcePrefix = "costs/";

    private readonly FrozenDictionary<string, CostEntry> _byPrimitive;

    internal CostSet(string name, string about, IReadOnlyList<CostEntry> entries)
    {
        Name = name;
        About = about;
        Entries = entries;
        _byPrimitive = entries.ToFrozenDictionary(e => e.Primitive, StringComparer.Ordinal);
    }

    public string Name { get; }

    /// <summary>Which machine it describes, in a sentence or two.</summary>
    public string About { get; }

    /// <summary>All primitives, those of the extended set first and in its order.</summary>
    public IReadOnlyList<CostEntry> Entries { get; }

    /// <summary>The sets that come with the program.</summary>
    public static IReadOnlyList<string> BuiltInNames { get; } =
    [
        .. from resource in typeof(CostSet).Assembly.GetManifestResourceNames()
           where resource.StartsWith(ResourcePrefix, StringComparison.Ordinal) && resource.EndsWith(CostTable.Extension, StringComparison.Ordinal)
           let name = resource[ResourcePrefix.Length..^CostTable.Extension.Length]
           orderby name
           select name,
    ];

    /// <summary>The set of this name that comes with the program.</summary>
    /// <exception cref="CostSetException">There is none.</exception>
    public static CostSet BuiltIn(string name) => Load(name, OpenBuiltIn);

    /// <summary>The table of a set that comes with the program, so that a set of one's own can extend it; null if there is none.</summary>
    public static TextReader? OpenBuiltIn(string name) =>
        typeof(CostSet).Assembly.GetManifestResourceStream(ResourcePrefix + name + CostTable.Extension) is { } stream
            ? new StreamReader(stream)
            : null;

    /// <summary>Reads a set and those it extends.</summary>
    /// <param name="name">Its name; errors speak of the file NAME.costs.</param>
    /// <param name="open">From a name to the text of its table; null if there is no such set.</param>
    /// <exception cref="CostSetException">The set is missing or its table is wrong.</exception>
    public static CostSet Load(string name, Func<string, TextReader?> open)
    {
        using TextReader? text = open(name);
        return text is null
            ? throw new CostSetException($"there is no cost set '{name}'; write one of {string.Join(", ", BuiltInNames)}")
            : Parse(text, name + CostTable.Extension, open);
    }

    /// <summary>Reads one table.</summary>
    /// <param name="text">The table.</param>
    /// <param name="file">What errors call it.</param>
    /// <param name="open">Opens the set it extends; null if there is no such set.</param>
    /// <exception cref="CostSetException">The table is wrong, or one that it extends.</exception>
    public static CostSet Parse(TextReader text, string file, Func<string, TextReader?> open) => CostTable.Read(text, file, open);

    /// <summary>What a primitive costs, picoseconds.</summary>
    /// <exception cref="KeyNotFoundException">The set has no such primitive, or it is a cost per byte.</exception>
    public long Ps(string primitive) => (long)Find(primitive, perByte: false).ValuePs;

    /// <summary>What a primitive costs for each byte, picoseconds.</summary>
    /// <exception cref="KeyNotFoundException">The set has no such primitive, or it is not a cost per byte.</exception>
    public double PsPerByte(string primitive) => Find(primitive, perByte: true).ValuePs;

    private CostEntry Find(string primitive, bool perByte)
    {
        if (!_byPrimitive.TryGetValue(primitive, out CostEntry? entry))
        {
            IEnumerable<string> near = NearestNames.Of(primitive, Entries.Select(e => e.Primitive));
            throw new KeyNotFoundException($"cost set {Name} has no primitive '{primitive}'; the nearest are {string.Join(", ", near)}");
        }

        return entry.IsPerByte == perByte
            ? entry
            : throw new KeyNotFoundException(
                $"in cost set {Name} the primitive '{primitive}' is in {entry.Unit}; ask for it {(perByte ? "as a time" : "per byte")}");
    }
}
