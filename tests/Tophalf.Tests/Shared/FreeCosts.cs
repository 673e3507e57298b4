using Tophalf.Simulation;

namespace Tophalf.Tests.Shared;

/// <summary>Cost sets for tests in which nothing costs anything, or only what the test says: then a formula's assumptions hold exactly.</summary>
internal static class FreeCosts
{
    /// <param name="rows">Primitives that do cost something, such as ("tick", 1500) in nanoseconds.</param>
    public static CostSet But(params (string Primitive, long Ns)[] rows)
    {
        IEnumerable<string> lines = CostSet.BuiltIn("server-3ghz").Entries.Select(entry =>
            $"{entry.Primitive} {rows.FirstOrDefault(row => row.Primitive == entry.Primitive).Ns} {(entry.Primitive.EndsWith("_per_byte", StringComparison.Ordinal) ? "ns/byte" : "ns")} - DERIVED test");
        string table = $"set free\nextends server-3ghz\nabout nothing costs anything\n\n{string.Join('\n', lines)}\n";
        return CostSet.Load("free", name => name == "free" ? new StringReader(table) : CostSet.OpenBuiltIn(name));
    }
}
