using System.Runtime.InteropServices;
using Tophalf.Linux;

namespace Tophalf.Cli.Top;

/// <summary>
/// A person before a screen: draws again and again on the terminal's other page, and follows keys as top does. Whatever ends it, the terminal is left as it was.
/// </summary>
internal sealed class TopKeys(ILinuxMachine machine, TopView view, TopScreen screen, string title, Terminal terminal)
{
    private const string OtherPage = "\e[?1049h\e[?25l", Home = "\e[H", ClearRest = "\e[K", ClearBelow = "\e[J", Plain = "\e[0m";

    /// <summary>Also takes back the keypad mode that .NET's console switches on when the first key is read.</summary>
    private const string FirstPage = "\e[0m\e[?25h\e[?1l\e>\e[?1049l";

    private const string Keys = "q quit   h help   space now   s order   g by device   z silent rows   t handler times   + - time between readings";

    private const string Help = """
        keys
          q      quit
          space  read again now
          s      order: by count, by number, by device
          g      one row for all lines of a device, and back
          z      rows that did not come, too
          t      trace how long handlers run and how late softirqs begin, and stop it
          + -    twice or half the time between two readings

        columns
          share          of all interrupts of the machine
          handler        mean time of the line's handlers, longest the longest of them
          of a CPU       that mean by the line's rate
          softirq after  from a softirq's raise in the handler to its begin
          by CPU         one glyph for each CPU, or for each group of them, its height the count
          may, goes      smp_affinity and effective_affinity; hint is the driver's affinity_hint
          (managed)      the kernel lays the mask out and takes no other

        any key goes back
        """;

    private const long ShortestNs = 100_000_000;
    private const long StepNs = 50_000_000;

    /// <summary>A person waits in the time of the machine we run on, whichever is watched.</summary>
    private static readonly LiveMachine s_here = new();

    private readonly Lock _drawing = new();
    private bool _showsHelp;
    private volatile bool _wantsDrawing, _isGone;
    private (int Width, int Height) _size;

    /// <summary>Returns after <paramref name="times"/> pictures, when q is pressed, or when <paramref name="stop"/> is set.</summary>
    public void Watch(long delayNs, int times, CancellationToken stop)
    {
        Write(OtherPage);
        // Ctrl-Z leaves the shell its own page; fg comes back to ours.
        using PosixSignalRegistration? stopped = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGTSTP, _ => Write(FirstPage));
        using PosixSignalRegistration? continued = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => GoOn());
        try
        {
            long nextNs = Math.Min(delayNs, ShortestNs);
            for (int shown = 0; shown < times; shown++)
            {
                view.Advance(nextNs, stop);
                if (stop.IsCancellationRequested || _isGone)
                    return;
                nextNs = delayNs;
                Draw();
                if (!Wait(ref delayNs, ref nextNs, stop))
                    return;
            }
        }
        finally
        {
            Write(FirstPage);
        }
    }

    private void GoOn()
    {
        Write(OtherPage);
        _wantsDrawing = true;
    }

    /// <summary>Waits for most of the time between two readings, or for a key; false for q. On the machine we run on what is left is for the next reading.</summary>
    private bool Wait(ref long delayNs, ref long nextNs, CancellationToken stop)
    {
        // Another machine's time costs none of ours, so its pictures need a pace of their own.
        long leftNs = machine is LiveMachine ? nextNs : Math.Max(nextNs, ShortestNs);
        while (!stop.IsCancellationRequested && !_isGone)
        {
            if (_wantsDrawing || _size != Size())
                Draw();
            if (Console.KeyAvailable)
            {
                char key = Console.ReadKey(intercept: true).KeyChar;
                if (key == 'q')
                    return false;
                if (Follow(key, ref delayNs))
                    return true;
                Draw();
                continue;
            }
            if (leftNs <= StepNs)
                return true;
            s_here.Sleep(StepNs);
            leftNs -= StepNs;
            if (machine is LiveMachine)
                nextNs -= StepNs;
        }
        return true;
    }

    /// <summary>Whether the key asks for another reading.</summary>
    private bool Follow(char key, ref long delayNs)
    {
        if (_showsHelp)
        {
            _showsHelp = false;
            return false;
        }
        switch (key)
        {
            case 'h' or '?':
                _showsHelp = true;
                return false;
            case 's':
                screen.Order = screen.Order == TopOrder.Device ? TopOrder.Count : screen.Order + 1;
                return false;
            case 'g':
                screen.ByDevice = !screen.ByDevice;
                return false;
            case 'z':
                screen.WithSilent = !screen.WithSilent;
                return false;
            case 't':
                view.ToggleTrace();
                return true;
            case '+':
                delayNs *= 2;
                return true;
            case '-':
                delayNs = Math.Max(ShortestNs, delayNs / 2);
                return true;
            default:
                return key == ' ';
        }
    }

    private static (int Width, int Height) Size() => (Terminal.ScreenWidth(), Math.Max(10, Console.WindowHeight));

    private void Draw()
    {
        _size = Size();
        _wantsDrawing = false;
        IEnumerable<TopLine> lines = _showsHelp ? Help.Split('\n').Select(text => new TopLine(text, TopPart.Text)) : screen.Draw(_size.Width, _size.Height - 2, title);
        var picture = new System.Text.StringBuilder(Home);
        foreach (TopLine line in lines.Take(_size.Height - 1))
            picture.Append(Colored(line)).Append(ClearRest).Append('\n');
        picture.Append(Keys.Length <= _size.Width ? Keys : Keys[..(_size.Width - 1)]).Append(ClearRest).Append(ClearBelow);
        Write(picture.ToString());
    }

    private string Colored(TopLine line) => !terminal.HasColors ? line.Text : line.Part switch
    {
        TopPart.Title => $"\e[1m{line.Text}{Plain}",
        TopPart.Heading => $"\e[7m{line.Text}{Plain}",
        TopPart.Notice => $"\e[33m{line.Text}{Plain}",
        _ => line.Text,
    };

    /// <summary>Signals write from a thread of their own.</summary>
    private void Write(string text)
    {
        lock (_drawing)
        {
            if (_isGone)
                return;
            try
            {
                terminal.Output.Write(text);
                terminal.Output.Flush();
            }
            catch (IOException)
            {
                // The window was closed; what we switched on in the kernel still wants to be switched off.
                _isGone = true;
            }
        }
    }
}
