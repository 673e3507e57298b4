namespace Tophalf.Cli;

/// <summary>Text from strangers' files on the way to a terminal, which must not take orders from it.</summary>
internal static class Visible
{
    /// <summary>The text with every control character, tabs and line ends included, shown as a question mark.</summary>
    public static string Of(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '?' : c)) : text;
}
