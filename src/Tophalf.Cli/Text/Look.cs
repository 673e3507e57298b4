using Spectre.Console;

namespace Tophalf.Cli.Text;

/// <summary>The few styles there are. Nothing is told by colour alone.</summary>
internal static class Look
{
    public static readonly Style Heading = new(decoration: Decoration.Bold);
    public static readonly Style Faint = new(foreground: Color.Grey);
    public static readonly Style User = new(foreground: Color.Green);
    public static readonly Style System = new(foreground: Color.Blue);
    public static readonly Style Hardirq = new(foreground: Color.Red);
    public static readonly Style Softirq = new(foreground: Color.Yellow);
    public static readonly Style Bad = new(foreground: Color.Red, decoration: Decoration.Bold);
    public static readonly Style Notable = new(foreground: Color.Yellow);
}
