namespace Tophalf.Userland.Shell;

/// <summary>Writes text so that the shell reads it back as one word.</summary>
public static class Quoting
{
    private const string Plain = "%+,-./:=@_^";

    /// <summary>In single quotes unless it is a plain word; a quote inside becomes <c>'"'"'</c>.</summary>
    public static string IfNeeded(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || Plain.Contains(c)) ? text
        : "'" + text.Replace("'", "'\"'\"'", StringComparison.Ordinal) + "'";
}
