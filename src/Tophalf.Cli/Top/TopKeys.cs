using Tophalf.Linux;

namespace Tophalf.Cli.Top;

/// <summary>A person before a screen: draws again and again on the terminal's other page, and follows keys as top does.</summary>
internal static class TopKeys
{
    private const string OtherPage = "\e[?1049h\e[?25l", FirstPage = "\e[?25h\e[?1049l", Home = "\e[H", ClearRest = "\e[K", ClearBelow = "\e[J";
    private const string Help = "q quit   space now   s order by count, number, device   z rows that did not come   + - time between readings";
    private const long ShortestNs = 100_000_000;
    private const long StepNs = 50_000_000;

    /// <summary>Returns after <paramref name="times"/> pictures or when q is pressed. The live machine sleeps in short steps, so that keys answer at once.</summary>
    public static void Watch(ILinuxMachine machine, TopView view, string title, long delayNs, int times, Terminal terminal, CancellationToken stop)
    {
        var screen = new TopScreen(view);
        terminal.Output.Write(OtherPage);
        try
        {
            long nextNs = Math.Min(delayNs, ShortestNs);
            for (int shown = 0; shown < times; shown++)
            {
                view.Advance(nextNs, stop);
                if (stop.IsCancellationRequested)
                    return;
                nextNs = delayNs;
                Draw(screen, title, terminal);
                if (!Wait(machine, screen, ref delayNs, ref nextNs, stop))
                    return;
            }
        }
        finally
        {
            terminal.Output.Write(FirstPage);
            terminal.Output.Flush();
        }
    }

    private static void Draw(TopScreen screen, string title, Terminal terminal)
    {
        int height = Math.Max(10, Console.WindowHeight - 1);
        string[] lines = screen.Draw(terminal.Width, height - 1, title).Split('\n');
        terminal.Output.Write(Home);
        foreach (string line in lines.Take(height - 1))
            terminal.Output.Write($"{line}{ClearRest}\n");
        terminal.Output.Write($"{(Help.Length <= terminal.Width ? Help : Help[..terminal.Width])}{ClearRest}{ClearBelow}");
        terminal.Output.Flush();
    }

    /// <summary>Waits for most of the time between two readings, or for a key; false for q. What is left is for the next reading.</summary>
    private static bool Wait(ILinuxMachine machine, TopScreen screen, ref long delayNs, ref long nextNs, CancellationToken stop)
    {
        for (; nextNs > StepNs && !stop.IsCancellationRequested; nextNs -= StepNs)
        {
            if (!Console.KeyAvailable)
            {
                machine.Sleep(StepNs);
                continue;
            }
            switch (Console.ReadKey(intercept: true).KeyChar)
            {
                case 'q':
                    return false;
                case 's':
                    screen.Order = screen.Order == TopOrder.Device ? TopOrder.Count : screen.Order + 1;
                    return true;
                case 'z':
                    screen.WithSilent = !screen.WithSilent;
                    return true;
                case '+':
                    delayNs *= 2;
                    return true;
                case '-':
                    delayNs = Math.Max(ShortestNs, delayNs / 2);
                    return true;
                case ' ':
                    return true;
                default:
                    break;
            }
        }
        return true;
    }
}
