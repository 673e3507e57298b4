using System.Diagnostics;
using System.Text.RegularExpressions;
using Tophalf.Linux;
using Tophalf.Userland.Shell;
using Xunit;

namespace Tophalf.Tests.Userland.Shell;

/// <summary>One script, two machines: busybox sh in a directory of this host, and our shell over a tree in memory.</summary>
public sealed partial class BusyboxOracleTests : IDisposable
{
    private static readonly (string Name, string Text)[] Box =
    [
        ("f", "a b\nc d\n"), ("d/x", "inside\n"), ("d/y.conf", "k=1\n"), ("n", "10 b\n9 a\n9 c\n"), ("r", "a\na\nb\n"), ("empty", ""), ("open", "no newline"),
        ("i", "           CPU0       CPU1\n 29:        100          7   PCI-MSI 524288-edge      eth0-rx-0\n 30:          0     120000   PCI-MSI 524289-edge      eth0-tx-0\nNMI:          0          0   Non-maskable interrupts\n"),
    ];

    private readonly string _directory = Directory.CreateTempSubdirectory("tophalf-sh-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    public static TheoryData<string> Reading => [.. OracleScripts.Reading];

    public static TheoryData<string> Writing => [.. OracleScripts.Writing];

    [BusyboxTheory]
    [MemberData(nameof(Reading))]
    public void Script_that_reads_says_the_same_as_busybox(string script)
    {
        var host = new TestHost();
        foreach (var (name, text) in Box)
        {
            host.Tree.With("/box/" + name, text);
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_directory, name))!);
            File.WriteAllText(Path.Combine(_directory, name), text);
        }
        var session = new ShellSession(host);
        session.Run("cd /box");
        Compare(script, session.Run(script));
    }

    [BusyboxTheory]
    [MemberData(nameof(Writing))]
    public void Script_that_writes_says_the_same_as_busybox(string script)
    {
        var session = new ShellSession(new TestHost());
        session.Run("cd /tmp");
        Compare(script, session.Run(script));
    }

    private void Compare(string script, CommandResult ours)
    {
        var start = new ProcessStartInfo("busybox", ["sh", "-c", script])
        {
            WorkingDirectory = _directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["LC_ALL"] = "C";
        start.Environment["HOME"] = "/";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(
            Picture(new CommandResult(output, error.Result, process.ExitCode)),
            Picture(ours));
    }

    /// <summary>Under -c busybox counts lines from 0 where it names them at all; usage texts list other options than ours.</summary>
    private static string Picture(CommandResult result) =>
        $"{result.Output}--- status {result.Status}\n{Usage().Replace(LineNumber().Replace(result.Error, ""), "")}";

    [GeneratedRegex(@"line \d+: ")]
    private static partial Regex LineNumber();

    [GeneratedRegex(@"(BusyBox v.*\n\n)?Usage: [\s\S]*")]
    private static partial Regex Usage();
}
