using System.Text;

namespace Tophalf.Userland.Ethtool;

/// <summary>The array with one object that <c>ethtool --json</c> prints, laid out as its json_writer.c does (tabs of eight blanks, then four a level).</summary>
internal sealed class JsonPage
{
    private readonly StringBuilder _text = new("[ {\n");
    private int _depth;
    private bool _isFirst = true;

    public JsonPage(string device) => Member("ifname", $"\"{device}\"");

    /// <summary>What stands where no object was made, because the request was refused.</summary>
    public const string Empty = "[ ]\n";

    public void Bool(string name, bool? value) => Member(name, value switch { true => "true", false => "false", null => "null" });

    public void Object(string name, Action members)
    {
        Member(name, "{");
        _isFirst = true;
        _depth++;
        members();
        _depth--;
        _text.Append('\n').Append(' ', Indent).Append('}');
        _isFirst = false;
    }

    public override string ToString() => $"{_text}\n    }} ]\n";

    private int Indent => 8 + 4 * _depth;

    private void Member(string name, string value)
    {
        _text.Append(_isFirst ? "" : ",\n").Append(' ', Indent).Append('"').Append(name).Append("\": ").Append(value).Append(value == "{" ? "\n" : "");
        _isFirst = false;
    }
}
