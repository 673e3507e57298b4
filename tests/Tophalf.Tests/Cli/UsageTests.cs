using Xunit;

namespace Tophalf.Tests.Cli;

/// <summary>Wrong command lines are answered with what to write instead, on stderr, and exit code 2.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("", "no command; write tophalf run, sh, capture, show, top or doctor, or tophalf --help")]
    [InlineData("rnu", "unknown command 'rnu'; write run, sh, capture, show, top or doctor")]
    [InlineData("--nope", "unknown option '--nope'; write --help or --version")]
    [InlineData("run --sede 7 x.yaml", "run: unknown option '--sede'; write --for, --seed, --vs, --json, --exact or --follow")]
    [InlineData("run a.yaml b.yaml", "run: 'b.yaml' is one argument too many; write tophalf run SCENARIO")]
    [InlineData("run x.yaml --for", "run: --for has no value; write --for DURATION")]
    [InlineData("run x.yaml --seed 1 --seed 2", "run: --seed is there twice; keep one of them")]
    [InlineData("run x.yaml --for 2x", "--for: '2x' is not a duration; write a number with ps, ns, us, ms or s, such as 50us")]
    [InlineData("run x.yaml --for 0s", "--for: '0s' is no time at all; write a duration such as 200ms")]
    [InlineData("run x.yaml --seed -1", "--seed: '-1' is no seed; write a whole number from 0 to 18446744073709551615")]
    [InlineData("show", "show: something is missing; write tophalf show FILE...")]
    [InlineData("top --explain XYZ1", "--explain: nobody knows a row 'XYZ1'; write one of AIO, APB, BCT, CAL, CIO, CLK, CNT, DAS, DBL, DFR, EMS, ERR, EXC, EXT, FIQ, HMI, HRE, HVS, HYP, I/O, IPI, IWI, LOC, MCE, MCP, MIS, MSI, NMI, NPI, PCI, PIN, PIW, PLT, PMI, PMN, QAI, RES, RST, RTR, SCP, SPU, THR, TLB, TRM, VIR, WDG, HI, TIMER, NET_TX, NET_RX, BLOCK, IRQ_POLL, TASKLET, SCHED, HRTIMER, RCU")]
    [InlineData("top --on /nowhere", "/nowhere:1:1: No such file or directory; write live, or the path of a capture, a scenario or a kernel file")]
    [InlineData("top -n 0", "-n: '0' is no number of times; write a whole number from 1 to 1000000")]
    [InlineData("capture --for 0s", "--for: '0s' is not between 1ns and 3600s; write a duration such as 5s")]
    [InlineData("show --apart 0s x", "--apart: '0s' is no time at all; write a duration such as 3s")]
    [InlineData("run /nowhere/x.yaml", "/nowhere/x.yaml:1:1: no such file; give the path of a scenario file")]
    [InlineData("show /nowhere/x", "/nowhere/x:1:1: No such file or directory; give a file that can be read")]
    [InlineData("show @x", "@x:1:1: No such file or directory; give a file that can be read")]
    public void A_wrong_command_line_is_told_what_to_write_instead(string line, string problem)
    {
        CommandLineRun run = CommandLineRun.Of(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((2, "", $"tophalf: {problem}\n"), (run.Status, run.Output, run.Error));
    }

    [Fact]
    public void What_a_stranger_wrote_does_not_reach_the_terminal_as_an_escape_sequence()
    {
        CommandLineRun run = CommandLineRun.Of("run", "a", "\u001b[2Jx");
        Assert.Equal("tophalf: run: '?[2Jx' is one argument too many; write tophalf run SCENARIO\n", run.Error);
    }

    [Fact]
    public void Version_is_one_line() => Assert.Matches(@"\Atophalf \d+\.\d+\.\d+\n\z", CommandLineRun.Of("--version").Output);

    [Theory]
    [InlineData("--help")]
    [InlineData("run --help")]
    [InlineData("show --help")]
    [InlineData("capture --help")]
    [InlineData("top --help")]
    public void Help_is_no_error(string line)
    {
        CommandLineRun run = CommandLineRun.Of(line.Split(' '));
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Contains("Usage:", run.Output);
    }
}
