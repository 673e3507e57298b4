using Spectre.Console;
using Spectre.Console.Rendering;

namespace Tophalf.Cli.Text;

/// <summary>Tables as all commands print them: no lines, indented, two blanks between columns, numbers to the right.</summary>
internal static class ColumnText
{
    /// <param name="headers">A header that begins with '&gt;' is that of a column of numbers. All empty: there is no line of headers.</param>
    public static Grid Of(params string[] headers)
    {
        var grid = new Grid();
        foreach (string header in headers)
            grid.AddColumn(new GridColumn { NoWrap = true, Alignment = IsNumber(header) ? Justify.Right : Justify.Left, Padding = new Padding(2, 0, 0, 0) });
        string[] words = [.. headers.Select(header => IsNumber(header) ? header[1..] : header)];
        if (words.Any(word => word.Length > 0))
            grid.AddRow([.. words.Select(word => new Spectre.Console.Text(word, Look.Faint))]);
        return grid;
    }

    /// <summary>The last column takes what is left of the width and goes on below where it is longer.</summary>
    public static Grid WrapLast(this Grid grid)
    {
        grid.Columns[^1].NoWrap = false;
        return grid;
    }

    public static void Add(this Grid grid, params string[] cells) => grid.AddRow([.. cells.Select(cell => (IRenderable)new Spectre.Console.Text(Visible.Of(cell)))]);

    private static bool IsNumber(string header) => header.StartsWith('>');
}
