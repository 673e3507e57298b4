using System.Globalization;

namespace Tophalf.Simulation;

/// <summary>
/// The text form of a cost set. Lines starting with <c>#</c> are comments; a header names the set, then one row per primitive:
/// <code>
/// set      NAME
/// extends  OTHER              (optional: take every row of OTHER that is not given here)
/// about    one line or more
/// primitive  value  unit  range  status  source to the end of the line
/// eoi        25     ns    10-60  RECALLED  A1: one MSR write with x2APIC
/// </code>
/// Units are ns, us and ns/byte. A row of a set that extends another must replace a row there, so that a misspelt name is noticed.
/// </summary>
internal sealed class CostTable
{
    public const string Extension = ".costs";

    private const int MaxChars = 256 * 1024;
    private const int MaxNameLength = 64;
    private const int MaxExtendsDepth = 8;
    private const decimal MaxCostPs = SimTime.Second;

    private readonly string _file;
    private readonly Func<string, TextReader?> _open;
    private readonly int _depth;
    private readonly List<string> _about = [];
    private readonly List<CostEntry> _entries = [];
    private readonly Dictionary<string, int> _indexOf = new(StringComparer.Ordinal);
    private readonly HashSet<string> _given = new(StringComparer.Ordinal);
    private string? _name;
    private CostSet? _base;

    private CostTable(string file, Func<string, TextReader?> open, int depth)
    {
        _file = file;
        _open = open;
        _depth = depth;
    }

    public static CostSet Read(TextReader text, string file, Func<string, TextReader?> open) => new CostTable(file, open, depth: 0).Read(text);

    private CostSet Read(TextReader text)
    {
        char[] chars = new char[MaxChars + 1];
        int length = text.ReadBlock(chars);
        if (length > MaxChars)
        {
            throw Wrong(new TableWord("", 1, 1), $"the table is longer than {MaxChars} characters", "split it into sets that extend one another");
        }

        int lineNumber = 0;
        foreach (string line in new string(chars, 0, length).Split('\n'))
        {
            TableLine words = new(line.TrimEnd('\r'), ++lineNumber);
            if (!words.IsBlankOrComment)
            {
                ReadLine(words);
            }
        }

        return _name is null
            ? throw Wrong(new TableWord("", lineNumber, 1), "the set has no name", "begin with a line 'set NAME'")
            : new CostSet(_name, string.Join(' ', _about), _entries);
    }

    private void ReadLine(TableLine line)
    {
        TableWord first = line.NextWord();
        switch (first.Text)
        {
            case "set":
                ReadSet(first, line);
                break;
            case "extends":
                ReadExtends(first, line);
                break;
            case "about":
                _about.Add(line.Rest().Text);
                break;
            default:
                ReadRow(first, line);
                break;
        }
    }

    private void ReadSet(TableWord directive, TableLine line)
    {
        if (_name is not null)
        {
            throw Wrong(directive, $"the set already has the name {_name}", "keep one 'set' line");
        }

        _name = CheckedName(line.Rest(), "a set", '-');
    }

    private void ReadExtends(TableWord directive, TableLine line)
    {
        if (_base is not null || _given.Count > 0)
        {
            throw Wrong(directive, "'extends' comes too late or twice", "write it once, above the first row");
        }

        TableWord word = line.Rest();
        string name = CheckedName(word, "a set", '-');
        if (_depth == MaxExtendsDepth)
        {
            throw Wrong(word, $"more than {MaxExtendsDepth} sets extend one another", "break the circle, or merge some of them");
        }

        using TextReader text = _open(name) ?? throw Wrong(word, $"there is no cost set '{name}'", "write the name of a set, such as server-3ghz");
        _base = new CostTable(name + Extension, _open, _depth + 1).Read(text);
        foreach (CostEntry entry in _base.Entries)
        {
            _indexOf.Add(entry.Primitive, _entries.Count);
            _entries.Add(entry);
        }
    }

    private void ReadRow(TableWord primitive, TableLine line)
    {
        if (_name is null)
        {
            throw Wrong(primitive, "a row before the name of the set", "begin with a line 'set NAME'");
        }

        string name = CheckedName(primitive, "a primitive", '_');
        if (!_given.Add(name))
        {
            throw Wrong(primitive, $"'{name}' is given twice", "remove one of the rows");
        }

        TableWord value = line.NextWord();
        TableWord unit = line.NextWord();
        TableWord range = line.NextWord();
        TableWord status = line.NextWord();
        TableWord source = line.Rest();
        decimal unitPs = unit.Text switch
        {
            "ns" or "ns/byte" => SimTime.Nanosecond,
            "us" => SimTime.Microsecond,
            _ => throw Wrong(unit, $"{unit} is not a unit", "write ns, us or ns/byte"),
        };
        decimal number = CheckedNumber(value);
        CheckRange(range, number);
        if (!Enum.TryParse(status.Text, out CostStatus known) || known.ToString() != status.Text)
        {
            throw Wrong(status, $"{status} is not a status", $"write {string.Join(", ", Enum.GetNames<CostStatus>())}");
        }

        if (source.Text.Length == 0)
        {
            throw Wrong(source, "the row has no source", "say where the value was read or how it was derived");
        }

        CostEntry entry = new(name, (double)(number * unitPs), unit.Text, range.Text, known, source.Text);
        if (number * unitPs > MaxCostPs)
        {
            throw Wrong(value, "the cost is more than a second", "write the cost of a single step");
        }

        if (!entry.IsPerByte && number * unitPs % 1 != 0)
        {
            throw Wrong(value, "the cost has a fraction of a picosecond", "write at most three decimals of a nanosecond");
        }

        Place(primitive, unit, entry);
    }

    private void Place(TableWord primitive, TableWord unit, CostEntry entry)
    {
        if (_base is null)
        {
            _entries.Add(entry);
            return;
        }

        if (!_indexOf.TryGetValue(entry.Primitive, out int index))
        {
            IEnumerable<string> near = NearestNames.Of(entry.Primitive, _indexOf.Keys);
            throw Wrong(primitive, $"{_base.Name} has no '{entry.Primitive}' to replace", $"the nearest are {string.Join(", ", near)}");
        }

        if (_entries[index].IsPerByte != entry.IsPerByte)
        {
            throw Wrong(
                unit, $"in {_base.Name} '{entry.Primitive}' is in {_entries[index].Unit}", "keep a time a time and a cost per byte a cost per byte");
        }

        _entries[index] = entry;
    }

    private void CheckRange(TableWord range, decimal value)
    {
        if (range.Text == "-")
        {
            return;
        }

        int dash = range.Text.IndexOf('-');
        if (dash < 0 || !TryNumber(range.Text[..dash], out decimal from) || !TryNumber(range.Text[(dash + 1)..], out decimal to))
        {
            throw Wrong(range, $"{range} is not a range", "write FROM-TO in the unit of the row, or - if it is not known");
        }

        if (value < from || value > to)
        {
            throw Wrong(range, $"the value {value.ToString(CultureInfo.InvariantCulture)} is outside its own range", "correct one of the two");
        }
    }

    private decimal CheckedNumber(TableWord value) => TryNumber(value.Text, out decimal number)
        ? number
        : throw Wrong(value, $"{value} is not a cost", "write a number such as 100 or 0.07");

    private static bool TryNumber(string text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number) && number <= MaxCostPs;

    private string CheckedName(TableWord word, string what, char separator) =>
        word.Text.Length is > 0 and <= MaxNameLength && word.Text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == separator)
            ? word.Text
            : throw Wrong(word, $"{word} cannot be the name of {what}", $"write small letters, digits and '{separator}', at most {MaxNameLength}");

    private CostSetException Wrong(TableWord word, string what, string remedy) => new($"{_file}:{word.Line}:{word.Column}: {what}; {remedy}");
}
