using System.Collections.Immutable;
using System.Globalization;

namespace Tophalf.Linux;

/// <summary>One line of ethtool's output.</summary>
/// <param name="Group">"Pre-set maximums" or "Current hardware settings" where the output has such parts, else empty.</param>
/// <param name="Text">As printed, such as <c>256</c>, <c>n/a</c> or <c>off [fixed]</c>.</param>
/// <param name="Line">Line number in the text, from 1.</param>
public sealed record EthtoolValue(string Group, string Name, string Text, int Line)
{
    /// <summary>The value where it begins with a number, else null.</summary>
    public long? Number
    {
        get
        {
            ReadOnlySpan<char> text = new Fields(Text).Peek();
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;
        }
    }
}

/// <summary>What ethtool printed about one thing of one interface.</summary>
/// <param name="Option">The option that prints this: -c, -g, -l, -i, -S, -k, -x or -a; empty for the settings printed without one.</param>
/// <param name="Interface">null where neither the output nor a prompt before it names one.</param>
/// <param name="FlowTable">Of -x: the receive ring of each entry of the indirection table.</param>
/// <param name="Refused">What ethtool said instead of values, such as "Cannot get device coalesce settings: Operation not supported".</param>
public sealed record EthtoolSection(
    string Option, string? Interface, int Line, ImmutableArray<EthtoolValue> Values, ImmutableArray<int> FlowTable, string? Refused)
{
    public const string Maximums = "Pre-set maximums", Current = "Current hardware settings";

    /// <summary>What is set now, or null.</summary>
    public EthtoolValue? this[string name] => Values.LastOrDefault(value => value.Name == name && value.Group != Maximums);

    /// <summary>The most there can be, or null.</summary>
    public EthtoolValue? Maximum(string name) => Values.FirstOrDefault(value => value.Name == name && value.Group == Maximums);
}

/// <summary>Output of ethtool as people save and mail it: several commands and interfaces in one text, prompts and prose between.</summary>
public sealed record EthtoolText(ImmutableArray<EthtoolSection> Sections, ImmutableArray<ReaderProblem> Problems)
{
    private const string File = "ethtool's output";

    /// <summary>First words of a section, the option that prints it, and what the interface's name stands between.</summary>
    internal static readonly (string Begins, string Option)[] Headers =
    [
        ("Coalesce parameters for ", "-c"), ("Ring parameters for ", "-g"), ("Channel parameters for ", "-l"), ("Features for ", "-k"),
        ("Offload parameters for ", "-k"), ("Pause parameters for ", "-a"), ("RX flow hash indirection table for ", "-x"), ("NIC statistics", "-S"), ("Settings for ", ""),
    ];

    /// <summary>Throws <see cref="ReaderException"/> where no section begins anywhere.</summary>
    public static EthtoolText Parse(string text)
    {
        ReaderLimits.CheckText(text, File);
        if (text.AsSpan().TrimStart().StartsWith("["))
            return EthtoolJson.Parse(text);
        EthtoolParser parser = new();
        foreach (TextLine line in new TextLines(text))
            parser.ReadLine(line);
        return parser.Finish() ?? throw ReaderException.WrongFile(File, 1, 1, "no line such as \"Ring parameters for eth0:\"");
    }

    /// <summary>Whether a line begins what ethtool prints.</summary>
    public static bool IsHeader(ReadOnlySpan<char> line)
    {
        foreach ((string begins, _) in Headers)
        {
            if (line.StartsWith(begins) && line.TrimEnd().EndsWith(":"))
                return true;
        }
        return line.StartsWith("driver: ");
    }
}
