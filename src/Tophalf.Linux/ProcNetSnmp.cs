using System.Collections.Immutable;

namespace Tophalf.Linux;

/// <summary>/proc/net/snmp: counters of the Internet protocols (net/ipv4/proc.c). Each protocol has a line of names and a line of values.</summary>
public sealed record ProcNetSnmp(ImmutableDictionary<string, long> Values)
{
    public const string Path = "/proc/net/snmp";

    public static ProcNetSnmp Read(ILinuxMachine machine) => Parse(machine.Read(Path));

    /// <summary>A counter such as "Udp", "RcvbufErrors"; null where the kernel does not have it.</summary>
    public long? this[string protocol, string name] => Values.TryGetValue($"{protocol} {name}", out long value) ? value : null;

    /// <summary>Throws <see cref="ReaderException"/> when the text holds no pair of lines. Settings among the counters may be negative and are passed over.</summary>
    public static ProcNetSnmp Parse(string text)
    {
        ReaderLimits.CheckText(text, Path);
        var values = ImmutableDictionary.CreateBuilder<string, long>();
        string[] names = [];
        int rows = 0;
        foreach (TextLine line in new TextLines(text))
        {
            ReaderLimits.CheckRows(++rows, line.Number);
            string[] fields = line.Text.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 0)
                continue;
            if (names.Length != fields.Length || names[0] != fields[0])
            {
                names = fields;
                continue;
            }
            for (int i = 1; i < fields.Length; i++)
            {
                if (Fields.TryCounter(fields[i], out long value))
                    values[$"{names[0].TrimEnd(':')} {names[i]}"] = value;
            }
            names = [];
        }
        if (values.Count == 0)
            throw ReaderException.WrongFile(Path, 1, 1, "no line of names with a line of values below it");
        return new ProcNetSnmp(values.ToImmutable());
    }
}
