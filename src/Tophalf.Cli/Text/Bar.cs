namespace Tophalf.Cli.Text;

/// <summary>A horizontal bar in eighths of a cell.</summary>
internal static class Bar
{
    private const string Eighths = "▏▎▍▌▋▊▉";

    /// <summary>The bar of a value where the largest has the whole width; what is not zero is never empty.</summary>
    public static string Of(double value, double largest, int width)
    {
        if (value <= 0 || largest <= 0)
            return "";
        int eighths = Math.Max(1, (int)Math.Round(Math.Min(1, value / largest) * width * 8, MidpointRounding.AwayFromZero));
        string rest = eighths % 8 == 0 ? "" : Eighths[eighths % 8 - 1].ToString();
        return new string('█', eighths / 8) + rest;
    }
}
