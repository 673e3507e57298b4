using System.Diagnostics;

namespace Tophalf.Tests.Cli;

/// <summary>The command as a process of its own, for what a process has: a user, a terminal, mounts, signals.</summary>
internal static class TophalfProcess
{
    /// <summary>Variable of the scripts that run it.</summary>
    public const string Variable = "TOPHALF";

    /// <summary>A shell script in which $TOPHALF is the command; standard output and error together.</summary>
    public static (int Status, string Output) Script(string script)
    {
        ProcessStartInfo start = Shell(script + "\n");
        start.RedirectStandardOutput = true;
        start.RedirectStandardInput = true;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    public static ProcessStartInfo Shell(string script) => new("/bin/sh", ["-c", $"exec 2>&1\n{script}"])
    {
        Environment = { [Variable] = $"{Host()} exec {Path.Combine(AppContext.BaseDirectory, "tophalf.dll")}", ["TERM"] = "xterm-256color" },
    };

    /// <summary>The dotnet that runs the tests.</summary>
    private static string Host() => Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet";
}
