using Tophalf.Cli;
using Xunit;

namespace Tophalf.Tests.Cli;

public sealed class ShTests : IDisposable
{
    private readonly string _scenario = Path.GetTempFileName();

    public ShTests() => File.WriteAllText(_scenario, """
        machine: {cores: 2}
        devices:
          eth0: {model: mlx5, queues: 2, rx-usecs: 0, rx-frames: 0}
        workloads:
          - packets: {to: eth0, rate: 10kpps, app: none}
        tuning: |
          echo tuned
        """);

    public void Dispose() => File.Delete(_scenario);

    [Fact]
    public void Commands_run_after_the_tuning_and_time_passes_only_while_one_sleeps()
    {
        CommandLineRun run = CommandLineRun.Of("sh", _scenario, "-c", "cat /proc/uptime; sleep 0.5; cat /proc/uptime");

        Assert.Equal("tuned\n0.00 0.00\n0.50 1.00\n", run.Output.Replace("0.99\n", "1.00\n"));
        Assert.Equal(0, run.Status);
    }

    [Fact]
    public void The_shells_status_is_the_commands_and_its_errors_go_to_stderr()
    {
        CommandLineRun run = CommandLineRun.Of("sh", _scenario, "-c", "frobnicate");

        Assert.Equal(127, run.Status);
        Assert.Equal("sh: frobnicate: not found\n", run.Error);
    }

    [Fact]
    public void Errors_stand_between_the_output_where_they_happened()
    {
        var both = new StringWriter();
        CommandLine.Run(["sh", _scenario, "-c", "echo one; frobnicate; echo two"], CommandLineRun.PlainTerminal(both) with { Error = both });

        Assert.Equal("tuned\none\nsh: frobnicate: not found\ntwo\n", both.ToString());
    }

    [Fact]
    public void Asking_goes_on_over_unfinished_lines_until_exit()
    {
        var output = new StringWriter();
        var terminal = CommandLineRun.PlainTerminal(output) with { Input = new StringReader("for i in 1 2\ndo echo $i\ndone\nexit 3\necho never\n") };

        int status = CommandLine.Run(["sh", _scenario], terminal);

        Assert.Equal("tuned\n1\n2\n", output.ToString());
        Assert.Equal(3, status);
    }

    [Fact]
    public void A_missing_script_is_bad_input()
    {
        CommandLineRun run = CommandLineRun.Of("sh", _scenario, "/no/such.sh");

        Assert.Equal(2, run.Status);
        Assert.Equal("tophalf: /no/such.sh:1:1: No such file or directory; give the path of a shell script\n", run.Error);
    }
}
