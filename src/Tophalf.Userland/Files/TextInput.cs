namespace Tophalf.Userland.Files;

/// <summary>A standard input: text with a read position, shared by the commands that read it in turn.</summary>
internal sealed class TextInput(string text)
{
    private int _position;

    public string ReadToEnd()
    {
        string rest = text[_position..];
        _position = text.Length;
        return rest;
    }

    /// <summary>The next line without its newline; null at the end. <paramref name="terminated"/> is false for a last line that has none.</summary>
    public string? ReadLine(out bool terminated)
    {
        terminated = false;
        if (_position >= text.Length)
            return null;
        int end = text.IndexOf('\n', _position);
        terminated = end >= 0;
        string line = terminated ? text[_position..end] : text[_position..];
        _position = terminated ? end + 1 : text.Length;
        return line;
    }
}
