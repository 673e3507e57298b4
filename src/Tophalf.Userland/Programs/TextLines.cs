using System.Globalization;

namespace Tophalf.Userland.Programs;

/// <summary>Text cut into lines, and the numbers people give line tools.</summary>
internal static class TextLines
{
    /// <summary>Lines without their newlines; a newline at the very end begins no further line.</summary>
    public static string[] Split(string text)
    {
        if (text.Length == 0)
            return [];
        string[] lines = text.Split('\n');
        return text[^1] == '\n' ? lines[..^1] : lines;
    }

    /// <summary>A count of lines or characters: digits only.</summary>
    public static int ParseCount(string text)
    {
        if (text.Length > 0 && text.All(char.IsAsciiDigit))
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : int.MaxValue;
        throw new UsageException($"invalid number '{text}'", "");
    }
}
