using Tophalf.Linux;
using Tophalf.Userland.Shell;
using Xunit;

namespace Tophalf.Tests.Userland.Shell;

public sealed class ShellSessionTests
{
    private const string Affinity = "/proc/irq/29/smp_affinity";

    private static TestHost HostWithAffinity() => Configure(new TestHost());

    private static TestHost Configure(TestHost host)
    {
        host.Tree.With(Affinity, "ff\n", text => text.Trim() is "zz" ? Errno.EINVAL : Errno.None);
        host.Tree.With("/proc/irq/30/smp_affinity", "ff\n", _ => Errno.EPERM);
        host.Tree.With("/proc/interrupts", "", _ => Errno.EIO);
        host.Tree.With("/sys/kernel/uevent_seqnum", "7\n");
        return host;
    }

    [Fact]
    public void Variables_functions_and_directory_last_from_run_to_run()
    {
        var session = new ShellSession(HostWithAffinity());
        session.Run("irq=29; show() { cat smp_affinity; }; cd /proc/irq/$irq; set -- queue");
        Assert.Equal("ff\nqueue /proc/irq/29\n", session.Run("show; echo $1 $PWD").Output);
        Assert.Equal("/proc/irq/29", session.WorkingDirectory);
    }

    [Fact]
    public void Echo_is_one_write_with_its_newline_and_printf_is_one_without()
    {
        var host = HostWithAffinity();
        host.Show($"echo 2 > {Affinity}; printf 4 > {Affinity}; for m in 1 8; do echo $m; done > {Affinity}; : > {Affinity}");
        Assert.Equal([$"{Affinity}: 2\n", $"{Affinity}: 4", $"{Affinity}: 1\n", $"{Affinity}: 8\n"], host.Tree.Writes);
    }

    [Fact]
    public void Refused_writes_are_told_in_the_words_of_busybox() => Assert.Equal(
        """
        1 1 1 1 1 1
        sh: write error: Invalid argument
        sh: write error: Operation not permitted
        sh: write error: Input/output error
        sh: can't create /proc/irq/99/smp_affinity: nonexistent directory
        sh: can't create /proc: Is a directory
        cat: write error: Invalid argument

        """,
        HostWithAffinity().Show($"""
            echo zz > {Affinity}; a=$?
            echo 1 > /proc/irq/30/smp_affinity; b=$?
            echo 1 > /proc/interrupts; c=$?
            echo 1 > /proc/irq/99/smp_affinity; d=$?
            echo 1 > /proc; e=$?
            echo zz | cat > {Affinity}; echo $a $b $c $d $e $?
            """));

    [Fact]
    public void Command_does_not_run_when_its_redirection_fails()
    {
        var host = HostWithAffinity();
        Assert.Equal("sh: can't create /nosuch/log: nonexistent directory\n[1]\n", host.Show("sleep 5 > /nosuch/log"));
        Assert.Equal(0, host.NowNs);
    }

    [Fact]
    public void Sleep_moves_the_clock_of_the_machine_and_nothing_else()
    {
        var host = new TestHost();
        host.Show("sleep 1.5; sleep 0.000001; sleep 1m 2s");
        Assert.Equal(63_500_001_000, host.NowNs);
    }

    [Theory]
    [InlineData("sleep 99999999999d", "sleep: invalid number '99999999999d'\n[1]\n")]
    [InlineData("sleep 200000000000 2>/dev/null || echo ${00}no", "no\n")]
    public void Sleep_longer_than_the_clock_can_count_is_refused(string script, string expected) => Assert.Equal(expected, new TestHost().Show(script));

    [Fact]
    public void Two_looks_at_a_file_can_be_kept_in_tmp_and_compared() => Assert.Equal(
        "ff\n2\nbefore\n",
        HostWithAffinity().Show($"cat {Affinity} > /tmp/before; echo 2 > {Affinity}; cat /tmp/before {Affinity}; ls /tmp"));

    [Fact]
    public void Script_that_stops_on_error_names_line_command_and_complaint()
    {
        var session = new ShellSession(HostWithAffinity());
        var result = session.Run(
            $"""
            # spread the queues
            echo 2 > {Affinity}
            if ! grep -q nothing /proc/interrupts; then
                for irq in 29 30; do
                    echo 4 > /proc/irq/$irq/smp_affinity
                done
            fi
            echo never
            """, stopOnError: true);
        Assert.Equal(new CommandResult("", "sh: write error: Operation not permitted\n", 1), result);
        Assert.Equal(
            new CommandFailure(5, "echo 4 > /proc/irq/$irq/smp_affinity", 1, "sh: write error: Operation not permitted"),
            session.FirstFailure);
    }

    [Theory]
    [InlineData("true\nnosuch a b # why", 2, "nosuch a b", 127, "sh: nosuch: not found")]
    [InlineData("cat nosuch | grep x", 1, "cat nosuch | grep x", 1, "cat: can't open 'nosuch': No such file or directory")]
    [InlineData("f() {\n  false\n}\n\nf", 2, "false", 1, "")]
    [InlineData("x=$(false)", 1, "x=$(false)", 1, "")]
    [InlineData("(true; exit 4)", 1, "exit 4", 4, "")]
    [InlineData("true &&\n  test 1 -gt 2", 2, "test 1 -gt 2", 1, "")]
    [InlineData("echo a\necho $((1/0)); echo b", 2, "echo $((1/0))", 2, "sh: divide by zero")]
    [InlineData("echo a\nif true; fi", 2, "", 2, "sh: line 2: syntax error: unexpected \"fi\" (expecting \"then\")")]
    [InlineData("cd /nowhere", 1, "cd /nowhere", 2, "sh: cd: line 1: can't cd to /nowhere: No such file or directory")]
    public void First_failure_is_found_wherever_it_hides(string script, int line, string command, int status, string error)
    {
        var session = new ShellSession(HostWithAffinity());
        var result = session.Run(script, stopOnError: true);
        Assert.Equal(new CommandFailure(line, command, status, error), session.FirstFailure);
        Assert.Equal(status, result.Status);
    }

    [Theory]
    [InlineData("false || true; if false; then :; fi; ! true; while false; do :; done; false | true; f() { false; true; }; f && :")]
    [InlineData("exit 0")]
    [InlineData("")]
    public void Failure_that_was_asked_about_is_none(string script)
    {
        var session = new ShellSession(HostWithAffinity());
        Assert.Equal(0, session.Run(script, stopOnError: true).Status);
        Assert.Null(session.FirstFailure);
    }

    [Fact]
    public void Stopping_on_error_ends_with_the_run()
    {
        var session = new ShellSession(HostWithAffinity());
        session.Run("false", stopOnError: true);
        Assert.Equal(new CommandResult("1\non\n", "", 0), session.Run("echo $?; false; echo on"));
        Assert.Null(session.FirstFailure);
    }

    [Fact]
    public void Lines_before_a_syntax_error_have_run() => Assert.Equal(
        "one\nsh: line 3: syntax error: unexpected \")\"\n[2]\n",
        HostWithAffinity().Show("echo one\n\necho two )\necho three"));

    [Theory]
    [InlineData("while :; do :; done", "more than 1000000 turns of loops")]
    [InlineData("f() { f; }; f", "commands nested deeper than 400")]
    [InlineData("f() { echo $(f); }; f", "commands nested deeper than 400")]
    [InlineData("e='eval \"$e\"'; eval \"$e\"", "commands nested deeper than 400")]
    [InlineData("f() { if true; then { ( f; ); }; fi; }; f", "commands nested deeper than 400")]
    [InlineData("seq 1 1 100000000000", "output longer than 16777216 characters")]
    [InlineData("x=xxxxxxxx; while :; do x=$x$x; done", "word too long")]
    [InlineData("x=y; y=x; echo $((x))", "expression nested too deeply")]
    [InlineData("cat <<E\nhi\nE", "line 1: syntax error: here-documents are not supported; write the text with printf")]
    [InlineData("sleep 1 &", "line 1: syntax error: background commands are not supported; write one command after the other")]
    public void What_a_script_may_not_do_is_said_and_ends_it(string script, string complaint)
    {
        var result = new ShellSession(new TestHost()).Run(script);
        Assert.EndsWith($"sh: {complaint}\n", result.Error);
        Assert.Equal(2, result.Status);
    }

    [Fact]
    public void Nesting_that_would_exhaust_the_stack_is_refused()
    {
        foreach (string open in new[] { "(", "{ ", "if ", "$(", "\"$(", "${x:-", "$((", "echo $((1+(", "case x in x) ", "! ! ! (", "while ", "f() { " })
        {
            var result = new ShellSession(new TestHost()).Run(string.Concat(Enumerable.Repeat(open, 5000)));
            Assert.Equal((open, 2), (open, result.Status));
            Assert.StartsWith("sh: ", result.Error);
        }
        string parentheses = new string('(', 5000) + "1" + new string(')', 5000);
        Assert.Equal("sh: expression nested too deeply\n[2]\n", new TestHost().Show($"echo $(({parentheses}))"));
        Assert.Equal("sh: expression nested too deeply\n[2]\n", new TestHost().Show($"echo $(({new string('~', 5001)}1))"));
    }

    [Fact]
    public void Error_in_a_subshell_ends_only_the_subshell() =>
        Assert.Equal("2 after\nsh: divide by zero\n", new TestHost().Show("(echo $((1/0)); echo no); echo $? after"));
}
