using System.Text.RegularExpressions;
using Tophalf.Tests.Linux;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Cli;

/// <summary>top before a person: on a real pseudo terminal, with its keys, its size and its end.</summary>
[Collection(TracingTests.Collection)]
public sealed partial class TopTerminalTests
{
    private const string OtherPage = "\e[?1049h\e[?25l", LeftAsItWas = "\e[0m\e[?25h\e[?1l\e>\e[?1049l";

    [TerminalFact]
    public void Keys_change_the_picture_and_a_new_size_is_followed_at_once()
    {
        using PseudoTerminal terminal = new(30, 110, "exec $TOPHALF top -d 0.3");
        string first = terminal.WaitFor(IsDrawn);
        Assert.Contains(OtherPage, first);
        Assert.Contains("\e[1mtop: this machine", first);
        Assert.Contains("\e[7mirq ", first);

        After("h", output => output.Contains("any key goes back", StringComparison.Ordinal));
        After("x", output => output.Contains("top: this machine", StringComparison.Ordinal));
        After("g", output => output.Contains("\e[7mirqs ", StringComparison.Ordinal));
        After("g", output => output.Contains("\e[7mirq ", StringComparison.Ordinal));
        // In the order of their numbers the timer stands behind the device's lines, whatever comes how often; silent rows include the NMIs.
        After("z", output => output.Contains("interrupts", StringComparison.Ordinal));
        After("t", output => output.Contains("traced: ", StringComparison.Ordinal) || output.Contains("no handler times: ", StringComparison.Ordinal));
        After("t", output => output.LastIndexOf("top: ", StringComparison.Ordinal) > Math.Max(output.LastIndexOf("traced: ", StringComparison.Ordinal), output.LastIndexOf("no handler times", StringComparison.Ordinal))
            && IsDrawn(output[output.LastIndexOf("top: ", StringComparison.Ordinal)..]));

        int from = terminal.Output.Length;
        terminal.Resize(12, 70);
        terminal.WaitFor(output => Pictures(output).Any(picture => picture.Length <= 12 && picture.All(line => line.Length <= 70)), from);

        terminal.Type("q");
        Assert.Equal(0, terminal.WaitForExit());
        LeftIt(terminal);

        void After(string key, Func<string, bool> isThere)
        {
            int from = terminal.Output.Length;
            terminal.Type(key);
            terminal.WaitFor(isThere, from);
        }
    }

    [TerminalTheory]
    [InlineData("", "INT")]
    [InlineData("", "TERM")]
    [InlineData("\u0003", "")]
    [InlineData("--trace", "TERM")]
    public void Whatever_ends_it_the_terminal_and_the_kernel_are_left_as_they_were(string option, string signal)
    {
        bool isKey = option == "\u0003";
        using PseudoTerminal terminal = new(24, 100, $"exec $TOPHALF top {(isKey ? "" : option)}");
        terminal.WaitFor(IsDrawn);
        if (isKey)
            terminal.Type(option);
        else
            terminal.Signal(signal);
        Assert.Equal(130, terminal.WaitForExit());
        LeftIt(terminal);
        Assert.False(Directory.Exists("/sys/kernel/tracing/instances/tophalf-top"));
    }

    /// <summary>A twin's second costs none of ours: keys are followed all the same, however short the time between two readings.</summary>
    [TerminalFact]
    public void A_twin_is_watched_at_a_persons_pace()
    {
        using PseudoTerminal terminal = new(24, 110, $"exec $TOPHALF top --trace -d 0.01 --on {TwinRuns.Shipped("scenarios/core0-flood.yaml")}");
        Assert.Contains("over 10 ms", terminal.WaitFor(output => output.Contains("NET_RX   took ", StringComparison.Ordinal)));
        terminal.Type("q");
        Assert.Equal(0, terminal.WaitForExit());
        LeftIt(terminal);
        Assert.InRange(Pictures(terminal.Output).Count(), 1, 500);
    }

    [TerminalFact]
    public void Without_colours_it_is_drawn_all_the_same()
    {
        using PseudoTerminal terminal = new(24, 100, "NO_COLOR=1 exec $TOPHALF top");
        string output = terminal.WaitFor(IsDrawn);
        Assert.DoesNotMatch(@"\e\[[1-9]\d*m", output);
        terminal.Type("q");
        Assert.Equal(0, terminal.WaitForExit());
    }

    [TerminalFact]
    public void A_window_that_is_closed_ends_it_in_order()
    {
        using PseudoTerminal terminal = new(24, 100, "exec $TOPHALF top --trace");
        terminal.WaitFor(IsDrawn);
        terminal.Close();
        Assert.Equal(130, terminal.WaitForExit());
        Assert.False(Directory.Exists("/sys/kernel/tracing/instances/tophalf-top"));
    }

    [TerminalFact]
    public void A_suspended_one_gives_the_shell_its_page_and_takes_its_own_again()
    {
        using PseudoTerminal terminal = new(24, 100, "exec $TOPHALF top");
        terminal.WaitFor(IsDrawn);
        terminal.Signal("TSTP");
        int from = terminal.WaitFor(output => output.EndsWith(LeftAsItWas, StringComparison.Ordinal)).Length;
        terminal.Signal("CONT");
        Assert.StartsWith(OtherPage, terminal.WaitFor(IsDrawn, from));
        terminal.Type("q");
        Assert.Equal(0, terminal.WaitForExit());
    }

    private static void LeftIt(PseudoTerminal terminal)
    {
        terminal.WaitFor(output => output.EndsWith(LeftAsItWas, StringComparison.Ordinal));
        Assert.Equal(terminal.Before, terminal.Settings());
    }

    private static bool IsDrawn(string output) => output.Contains("\e[J", StringComparison.Ordinal);

    /// <summary>Pictures that were drawn whole, line by line as they are to be seen.</summary>
    private static IEnumerable<string[]> Pictures(string output) =>
        output.Split("\e[H").Skip(1).Where(picture => picture.Contains("\e[J", StringComparison.Ordinal))
            .Select(picture => Escape().Replace(picture[..picture.IndexOf("\e[J", StringComparison.Ordinal)], "").Split("\r\n"));

    [GeneratedRegex(@"\e\[[?\d;]*[A-Za-z]|\e[=>]")]
    private static partial Regex Escape();
}

/// <summary>A test on a pseudo terminal.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TerminalFactAttribute : FactAttribute
{
    public TerminalFactAttribute() => Skip = WhyNot;

    internal static string? WhyNot { get; } =
        !File.Exists("/dev/ptmx") ? "there are no pseudo terminals here" : !File.Exists("/proc/interrupts") ? "there is no /proc/interrupts here"
        : !File.Exists("/usr/bin/setsid") ? "needs setsid of util-linux" : null;
}

/// <summary>As <see cref="TerminalFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TerminalTheoryAttribute : TheoryAttribute
{
    public TerminalTheoryAttribute() => Skip = TerminalFactAttribute.WhyNot;
}
