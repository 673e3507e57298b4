using Spectre.Console;
using Spectre.Console.Rendering;

namespace Tophalf.Cli.Text;

/// <summary>
/// Text and tables for a terminal, put together and then printed at once, so that a command that fails half-way prints nothing half.
/// Without colours the lines end at their last visible character.
/// </summary>
internal sealed class Page
{
    private readonly Terminal _terminal;
    private readonly StringWriter _text = new() { NewLine = "\n" };
    private readonly IAnsiConsole _console;

    public Page(Terminal terminal)
    {
        _terminal = terminal;
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = terminal.HasColors ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = terminal.HasColors ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(_text),
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        _console.Profile.Width = terminal.Width;
        _console.Profile.Capabilities.Unicode = true;
    }

    public int Width => _terminal.Width;

    public void Line(string text = "") => Line(text, Style.Plain);

    public void Line(string text, Style style)
    {
        _console.Write(new Spectre.Console.Text(Visible.Of(text), style));
        _text.Write('\n');
    }

    /// <summary>A heading with an empty line above it.</summary>
    public void Heading(string text)
    {
        Line();
        Line(text, Look.Heading);
    }

    /// <summary>A line that goes on under its own beginning where it is longer than the terminal is wide.</summary>
    public void Item(string label, string text, Style? style = null)
    {
        Grid grid = ColumnText.Of("", "").WrapLast();
        grid.AddRow(new Spectre.Console.Text(Visible.Of(label), style ?? Style.Plain), new Spectre.Console.Text(Visible.Of(text)));
        Write(grid);
    }

    /// <summary>Names and their values, the values below each other.</summary>
    public void Items(IEnumerable<(string Name, string Value)> items)
    {
        Grid grid = ColumnText.Of("", "").WrapLast();
        foreach ((string name, string value) in items)
            grid.Add(name, value);
        Write(grid);
    }

    public void Write(IRenderable part)
    {
        _console.Write(part);
        if (_text.GetStringBuilder() is { Length: > 0 } written && written[^1] != '\n')
            _text.Write('\n');
    }

    /// <summary>Sends the page to the terminal.</summary>
    public void Print()
    {
        string text = _text.ToString();
        if (!_terminal.HasColors)
            text = string.Join('\n', text.Split('\n').Select(line => line.TrimEnd()));
        _terminal.Output.Write(text);
        _terminal.Output.Flush();
        _text.GetStringBuilder().Clear();
    }
}
