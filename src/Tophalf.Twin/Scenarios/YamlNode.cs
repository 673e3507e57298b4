namespace Tophalf.Twin.Scenarios;

/// <summary>A value in a YAML file and where it begins.</summary>
internal abstract record YamlNode(SourcePosition At)
{
    /// <summary>How messages call this kind of value.</summary>
    public abstract string KindName { get; }

    /// <summary>True for a key with nothing behind it.</summary>
    public virtual bool IsNothing => false;
}

/// <param name="IsLiteral">Written as a block after "|": every line of the text is a line of the file, from the next one on.</param>
/// <param name="IsBlock">Written as a block after "|" or ">".</param>
/// <param name="IsPlain">Written without quotes.</param>
/// <param name="LastLine">The line of the file on which it ends.</param>
internal sealed record YamlScalar(SourcePosition At, string Text, bool IsLiteral, bool IsBlock, bool IsPlain, int LastLine) : YamlNode(At)
{
    public override string KindName => IsNothing ? "empty" : "a single value";
    public override bool IsNothing => IsPlain && Text is "" or "~" or "null";
}

internal sealed record YamlList(SourcePosition At, IReadOnlyList<YamlNode> Items) : YamlNode(At)
{
    public override string KindName => "a list";
}

/// <summary>Keys in the order of the file, each once.</summary>
internal sealed record YamlMap(SourcePosition At, IReadOnlyList<YamlEntry> Entries) : YamlNode(At)
{
    public override string KindName => "a map";
}

internal sealed record YamlEntry(string Key, SourcePosition KeyAt, YamlNode Value);
