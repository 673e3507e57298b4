using System.Text;

namespace Tophalf.Cli;

/// <summary>Where a command writes to, and how: a person's screen gets colours and progress, a pipe or a test plain text.</summary>
/// <param name="HasColors">Whether <paramref name="Output"/> understands ANSI escape sequences.</param>
/// <param name="ShowsProgress">Whether a line on <paramref name="Error"/> may be overwritten.</param>
/// <param name="Width">Columns of the output.</param>
internal sealed record Terminal(TextWriter Output, TextWriter Error, bool HasColors, bool ShowsProgress, int Width)
{
    /// <summary>Where commands that ask read the answers.</summary>
    public TextReader Input { get; init; } = Console.In;

    /// <summary>Whether <see cref="Output"/> is a screen that can be drawn on again and again, with colours or without.</summary>
    public bool CanRedraw { get; init; }

    /// <summary>Whether a person sits at <see cref="Input"/>, who wants a prompt.</summary>
    public bool IsInteractive { get; init; }

    private const int PipeWidth = 120;
    private const int NarrowestWidth = 60;
    private const int WidestWidth = 240;

    /// <summary>The process's own streams, UTF-8 whatever the locale says. Colours obey NO_COLOR (no-color.org).</summary>
    public static Terminal OfProcess()
    {
        bool isScreen = !Console.IsOutputRedirected;
        bool canRedraw = isScreen && Environment.GetEnvironmentVariable("TERM") != "dumb";
        return new Terminal(
            new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), bufferSize: 1 << 16),
            new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false)) { AutoFlush = true },
            canRedraw && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
            !Console.IsErrorRedirected,
            isScreen ? ScreenWidth() : PipeWidth)
        {
            IsInteractive = !Console.IsInputRedirected,
            CanRedraw = canRedraw,
        };
    }

    /// <summary>Columns of the screen as it is now.</summary>
    public static int ScreenWidth()
    {
        int width = Console.WindowWidth;
        return width <= 0 ? PipeWidth : Math.Clamp(width, NarrowestWidth, WidestWidth);
    }
}
