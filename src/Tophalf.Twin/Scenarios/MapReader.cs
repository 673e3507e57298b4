using System.Globalization;

namespace Tophalf.Twin.Scenarios;

/// <summary>
/// Takes values out of one YAML map. Whatever is wrong goes to the list of problems, and the reader goes on with the default,
/// so that one reading finds everything.
/// </summary>
internal sealed class MapReader
{
    private readonly string _where;
    private readonly ProblemList _problems;
    private readonly Dictionary<string, YamlEntry> _entries;

    /// <param name="where">"device eth0", for messages.</param>
    /// <param name="keys">The keys the map may have; others are reported.</param>
    public MapReader(YamlMap map, string where, ProblemList problems, params IReadOnlyCollection<string> keys)
    {
        At = map.At;
        _where = where;
        _problems = problems;
        _entries = map.Entries.ToDictionary(entry => entry.Key);
        foreach (YamlEntry entry in map.Entries.Where(entry => !keys.Contains(entry.Key)))
            problems.Add(entry.KeyAt, $"unknown key {Wording.Quote(entry.Key)} in {where}", Wording.Suggest(entry.Key, keys));
    }

    public SourcePosition At { get; }

    public bool Has(string key) => _entries.ContainsKey(key);

    /// <summary>Where the value of a key is written, or the map itself where the key is missing.</summary>
    public SourcePosition ValueAt(string key) => _entries.TryGetValue(key, out YamlEntry? entry) ? entry.Value.At : At;

    /// <summary>Reports a key that is missing.</summary>
    public bool Require(string key, string example)
    {
        if (!Has(key))
            _problems.Add(At, $"{_where} has no {key}", $"write {key}: {example}");
        return Has(key);
    }

    /// <summary>Reports keys that mean nothing here, though elsewhere they would.</summary>
    public void Refuse(string reason, string instead, params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            if (_entries.TryGetValue(key, out YamlEntry? entry))
                _problems.Add(entry.KeyAt, $"{key} {reason}", instead);
        }
    }

    /// <summary>Reports a value as wrong.</summary>
    /// <param name="says">What follows the name of the key: "'VALUE' is …; write …".</param>
    public void Reject(string key, string says) => _problems.Add(ValueAt(key), $"{key} {says}");

    /// <summary>The text of a value; null where the key is missing or holds a map or a list.</summary>
    public string? Text(string key) => Scalar(key)?.Text;

    /// <summary>Null where the key is missing, empty (which means the same) or not a map.</summary>
    public YamlMap? Map(string key, string example) => Typed<YamlMap>(key, $"write a map, such as {key}: {example}");

    public YamlList? List(string key, string example) => Typed<YamlList>(key, $"write a list, such as {key}: {example}");

    public YamlScalar? Scalar(string key, string instead = "write a single value")
    {
        if (!_entries.TryGetValue(key, out YamlEntry? entry))
            return null;
        if (entry.Value is YamlScalar scalar)
            return scalar;
        _problems.Add(entry.Value.At, $"{key} is {entry.Value.KindName}", instead);
        return null;
    }

    /// <summary>A whole number in decimal digits; null where it is missing or wrong.</summary>
    /// <param name="limitedBy">What sets the limits, if it is not the key itself.</param>
    public ulong? Whole(string key, ulong min, ulong max, string limitedBy = "")
    {
        if (Text(key) is not { } text)
            return null;
        string instead = min == max ? $"write {min}" : $"write a whole number from {min} to {max}";
        if (text.Length == 0 || text.AsSpan().ContainsAnyExceptInRange('0', '9'))
            Reject(key, $"{Wording.Quote(text)} is not a whole number; {instead}");
        else if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) || value < min || value > max)
            Reject(key, $"{(text.Length <= 20 ? text : Wording.Quote(text))} is out of range{(limitedBy == "" ? "" : $" for {limitedBy}")}; {instead}");
        else
            return value;
        return null;
    }

    /// <summary>As <see cref="Whole"/>, for limits within an int.</summary>
    public int? Int(string key, int min, int max, string limitedBy = "") => (int?)Whole(key, (ulong)min, (ulong)max, limitedBy);

    /// <summary>A number with a unit, in the base unit of the quantity; null where it is missing or wrong.</summary>
    public long? Measure(string key, Quantity quantity, long min, long max)
    {
        if (Text(key) is not { } text)
            return null;
        if (!quantity.TryParse(text, out long value, out string? problem))
            Reject(key, problem);
        else if (value < min || value > max)
            Reject(key, $"{Wording.Quote(text)} is out of range; write {quantity.Format(min)} to {quantity.Format(max)}");
        else
            return value;
        return null;
    }

    /// <summary>One of a few words; the fallback where the key is missing or wrong.</summary>
    public T Choice<T>(string key, T fallback, params (string Word, T Value)[] choices)
    {
        if (Text(key) is not { } text)
            return fallback;
        foreach ((string word, T value) in choices)
        {
            if (word == text)
                return value;
        }

        Reject(key, $"{Wording.Quote(text)} is not known; write {Wording.OneOf(choices.Select(choice => choice.Word))}");
        return fallback;
    }

    /// <summary>A text of printable ASCII that is not empty; null where it is missing or wrong.</summary>
    public string? Words(string key, int longest, string example)
    {
        if (Text(key) is not { } text)
            return null;
        if (text.Length > 0 && text.Length <= longest && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return text;
        Reject(key, $"{Wording.Quote(text)} is not printable text of 1 to {longest} characters; write {key}: {example}");
        return null;
    }

    private T? Typed<T>(string key, string instead) where T : YamlNode
    {
        if (!_entries.TryGetValue(key, out YamlEntry? entry) || entry.Value.IsNothing)
            return null;
        if (entry.Value is T node)
            return node;
        _problems.Add(entry.Value.At, $"{key} is {entry.Value.KindName}", instead);
        return null;
    }
}
