namespace Tophalf.Linux;

/// <summary>
/// /proc/irq/N/spurious: the bookkeeping that turns a stuck line off after 99,900 unhandled interrupts of 100,000
/// (kernel/irq/spurious.c, note_interrupt).
/// </summary>
/// <param name="Count">Interrupts since the last hundred thousand were full.</param>
/// <param name="Unhandled">Of those, interrupts no handler knew. Both fall to 0 when the line is turned off.</param>
/// <param name="LastUnhandledMs">When the last unhandled one came, milliseconds since an arbitrary start near boot.</param>
public readonly record struct SpuriousCounts(long Count, long Unhandled, long LastUnhandledMs)
{
    /// <summary>The three lines <c>count 12</c>, <c>unhandled 5</c>, <c>last_unhandled 4294668424 ms</c>.</summary>
    public static SpuriousCounts Parse(string text)
    {
        ReaderLimits.CheckText(text, "/proc/irq/N/spurious");
        Span<long> values = stackalloc long[3];
        int found = 0;
        foreach (TextLine line in new TextLines(text))
        {
            Fields fields = new(line.Text);
            if (found == values.Length || !fields.Take(out ReadOnlySpan<char> name) || !name.SequenceEqual(NameOf(found)))
                break;
            if (!fields.Take(out ReadOnlySpan<char> field) || !Fields.TryCounter(field, out values[found]))
                break;
            found++;
        }
        if (found < values.Length)
            throw ReaderException.WrongFile("/proc/irq/N/spurious", found + 1, 1, $"no line \"{NameOf(found)} NUMBER\"");
        return new SpuriousCounts(values[0], values[1], values[2]);
    }

    private static string NameOf(int line) => line switch { 0 => "count", 1 => "unhandled", _ => "last_unhandled" };
}
