using System.CommandLine;
using System.Globalization;
using Tophalf.Cli.Text;
using Tophalf.Cli.Top;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Cli.Commands;

/// <summary><c>tophalf top</c>: interrupts per second by line and CPU, on any machine; keys as in top.</summary>
internal static class TopCommand
{
    private const long DefaultNs = 1_000_000_000;
    private const long LongestNs = 3600_000_000_000;
    private const int BatchHeight = 200;
    private const int MostRefreshes = 1_000_000;

    public static Command Create(Terminal terminal)
    {
        var on = MachineOpener.Option();
        var delay = new Option<string?>("-d") { Description = "Time between two readings; otherwise 1s", HelpName = "DURATION" };
        var times = new Option<string?>("-n") { Description = "How often to show; otherwise once, and on a screen until q", HelpName = "NUMBER" };
        var batch = new Option<bool>("--batch") { Description = "Print instead of drawing on the screen" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var trace = new Option<bool>("--trace") { Description = "Trace too: how long handlers run, and how late softirqs begin (root, tracefs mounted)" };
        var byDevice = new Option<bool>("--by-device") { Description = "One row for all lines of a device" };
        var explain = new Option<string?>("--explain") { Description = "Say what a row of /proc/interrupts or /proc/softirqs counts, such as LOC", HelpName = "ROW" };
        var command = new Command("top", "Watch interrupts by line and CPU, with device, driver, queue and affinity") { on, delay, times, batch, json, trace, byDevice, explain };
        command.SetAction(line =>
        {
            if (line.GetValue(explain) is { } row)
                return Explain(row, terminal);
            string? machineName = line.GetValue(on);
            ILinuxMachine machine = MachineOpener.Open(machineName, terminal);
            bool isBatch = line.GetValue(batch) || line.GetValue(json) || !terminal.IsInteractive || !terminal.CanRedraw;
            int? count = Times(line.GetValue(times));
            long delayNs = DelayNs(line.GetValue(delay));
            using var interrupt = new Interruption();
            using var view = new TopView(machine);
            if (line.GetValue(trace))
                view.ToggleTrace();
            var screen = new TopScreen(view) { ByDevice = line.GetValue(byDevice) };
            if (isBatch)
                PrintAll(view, screen, machineName ?? "this machine", delayNs, count ?? 1, line.GetValue(json), terminal, interrupt.Token);
            else
                new TopKeys(machine, view, screen, machineName ?? "this machine", terminal).Watch(delayNs, count ?? MostRefreshes, interrupt.Token);
            if (interrupt.Token.IsCancellationRequested)
                return ExitCode.Interrupted;
            return ExitCode.Good;
        });
        return command;
    }

    private static void PrintAll(TopView view, TopScreen screen, string title, long delayNs, int times, bool isJson, Terminal terminal, CancellationToken stop)
    {
        for (int i = 0; i < times; i++)
        {
            view.Advance(delayNs, stop);
            if (stop.IsCancellationRequested)
                return;
            terminal.Output.Write(isJson ? JsonText.Of(json => TopJson.Write(json, view)) : (i > 0 ? "\n" : "") + string.Concat(screen.Draw(terminal.Width, BatchHeight, title).Select(row => row.Text + "\n")));
            terminal.Output.Flush();
        }
    }

    private static int Explain(string row, Terminal terminal)
    {
        if (RowExplanations.Of(row) is not { } means)
            throw new UsageException($"--explain: nobody knows a row {UsageProblem.Quote(row)}; write one of {string.Join(", ", RowExplanations.Labels.Concat(SoftirqName.InVectorOrder))}");
        var page = new Page(terminal);
        page.Item(row.ToUpperInvariant(), means);
        page.Print();
        return ExitCode.Good;
    }

    private static long DelayNs(string? text)
    {
        if (text is null)
            return DefaultNs;
        // top takes a bare number of seconds.
        string duration = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _) ? text + "s" : text;
        if (!Quantity.DurationPs.TryParse(duration, out long ps, out string? problem))
            throw new UsageException($"-d: {problem}");
        long ns = ps / SimTime.Nanosecond;
        return ns is > 0 and <= LongestNs ? ns : throw new UsageException($"-d: {UsageProblem.Quote(text)} is not between 1ns and 3600s; write a duration such as 1s");
    }

    private static int? Times(string? text)
    {
        if (text is null)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int times) && times is > 0 and <= MostRefreshes
            ? times
            : throw new UsageException($"-n: {UsageProblem.Quote(text)} is no number of times; write a whole number from 1 to {MostRefreshes}");
    }
}
