using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Tophalf.Twin.Scenarios;

/// <summary>
/// Reads YAML text into nodes that know their place. It refuses what a scenario has no use for and a hostile file has:
/// aliases (a few lines of them grow into gigabytes), tags, deep nesting, further documents.
/// </summary>
internal sealed class YamlTree
{
    /// <summary>A scenario needs five levels; reading is recursive, and the stack has an end.</summary>
    private const int MaxDepth = 16;

    private const string CheckSyntax = "check brackets, quotes and indentation up to here";

    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private readonly ProblemList _problems;

    /// <summary>Words the problem of a key that is there twice.</summary>
    /// <param name="path">The keys around it, outermost first.</param>
    public delegate (string Wrong, string Instead) DuplicateKey(IReadOnlyList<string> path, string key, int firstLine);

    private readonly DuplicateKey _duplicate;
    private readonly List<string> _path = [];

    private YamlTree(string text, ProblemList problems, DuplicateKey duplicate)
    {
        _scanner = new Scanner(new StringReader(text));
        _parser = new Parser(_scanner);
        _problems = problems;
        _duplicate = duplicate;
    }

    /// <summary>The root of the only document; null where the text has none.</summary>
    /// <exception cref="ScenarioException">The text is not YAML, or YAML that is refused.</exception>
    public static YamlNode? Read(string text, ProblemList problems, DuplicateKey duplicate)
    {
        try
        {
            return new YamlTree(text, problems, duplicate).ReadDocument();
        }
        catch (YamlException error)
        {
            string reason = error.Message.TrimEnd('.');
            throw problems.Fatal(Position(error.Start), $"not YAML: {char.ToLowerInvariant(reason[0])}{reason[1..]}", CheckSyntax);
        }
    }

    private YamlNode? ReadDocument()
    {
        Next<StreamStart>();
        if (Peek() is StreamEnd)
            return null;
        Next<DocumentStart>();
        YamlNode root = ReadNode(depth: 0);
        Next<DocumentEnd>();
        return Peek() is DocumentStart second
            ? throw _problems.Fatal(Position(second.Start), "a second document", "write one scenario in one file")
            : root;
    }

    private YamlNode ReadNode(int depth)
    {
        ParsingEvent node = Peek();
        SourcePosition at = Position(node.Start);
        if (node is AnchorAlias alias)
            throw _problems.Fatal(at, $"alias {Wording.Quote("*" + alias.Value.Value)} is not read", "write the value out");
        if (node is NodeEvent { Tag: { IsEmpty: false } tag })
            throw _problems.Fatal(at, $"tag {Wording.Quote(tag.Value)} is not read", "write the value without it");
        if (depth == MaxDepth)
            throw _problems.Fatal(at, $"nested deeper than {MaxDepth} levels", "write a flatter scenario");
        return node switch
        {
            Scalar => ReadScalar(at),
            SequenceStart => ReadList(at, depth),
            MappingStart => ReadMap(at, depth),

            // The parser lets a lone colon through as a map that ends after its key.
            _ => throw _problems.Fatal(at, "not YAML: a key or a value is missing", CheckSyntax),
        };
    }

    private YamlScalar ReadScalar(SourcePosition at)
    {
        Scalar scalar = Next<Scalar>();
        return new YamlScalar(at, scalar.Value,
            IsLiteral: scalar.Style == ScalarStyle.Literal,
            IsBlock: scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded,
            IsPlain: scalar.Style == ScalarStyle.Plain,
            LastLine: Position(scalar.End).Line);
    }

    private YamlList ReadList(SourcePosition at, int depth)
    {
        Next<SequenceStart>();
        var items = new List<YamlNode>();
        while (Peek() is not SequenceEnd)
            items.Add(ReadNode(depth + 1));
        Next<SequenceEnd>();
        return new YamlList(at, items);
    }

    private YamlMap ReadMap(SourcePosition at, int depth)
    {
        Next<MappingStart>();
        var entries = new List<YamlEntry>();
        var firstLine = new Dictionary<string, int>();
        while (Peek() is not MappingEnd)
        {
            YamlNode keyNode = ReadNode(depth + 1);
            if (keyNode is not YamlScalar key)
                throw _problems.Fatal(keyNode.At, $"the key is {keyNode.KindName}", "write a word as the key");
            _path.Add(key.Text);
            var entry = new YamlEntry(key.Text, key.At, ReadNode(depth + 1));
            _path.RemoveAt(_path.Count - 1);
            if (firstLine.TryAdd(key.Text, key.At.Line))
            {
                entries.Add(entry);
            }
            else
            {
                (string wrong, string instead) = _duplicate(_path, key.Text, firstLine[key.Text]);
                _problems.Add(key.At, wrong, instead);
            }
        }

        Next<MappingEnd>();
        return new YamlMap(at, entries);
    }

    /// <summary>The event not yet taken.</summary>
    private ParsingEvent Peek()
    {
        if (_parser.Current == null)
            Advance();
        return _parser.Current!;
    }

    private T Next<T>() where T : ParsingEvent
    {
        var taken = (T)Peek();
        Advance();
        return taken;
    }

    private void Advance()
    {
        try
        {
            _parser.MoveNext();
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException)
        {
            // YamlDotNet 16.3 does not word everything: a key after an unclosed bracket and a \U escape beyond Unicode come out like this.
            throw _problems.Fatal(Position(_scanner.CurrentPosition), "not YAML: this does not follow from what stands before", CheckSyntax);
        }
    }

    private static SourcePosition Position(Mark mark) => new((int)mark.Line, (int)mark.Column);
}
