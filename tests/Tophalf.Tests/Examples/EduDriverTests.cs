using System.Diagnostics;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Examples;

/// <summary>The example of docs/driver.md is the program in examples/edu-driver, and prints what the page says.</summary>
public class EduDriverTests
{
    private static readonly string Page = File.ReadAllText(TwinRuns.Shipped("docs/driver.md"));

    [Fact]
    public void The_page_shows_the_program_its_script_and_its_original_as_they_stand()
    {
        string program = Example("Program.cs");
        Assert.Contains(program[program.IndexOf("internal sealed class", StringComparison.Ordinal)..].TrimEnd(), Page);
        Assert.Contains(Example("try.sh").TrimEnd(), Page);
        string original = Example("edu.c");
        foreach (string function in new[] { "static irqreturn_t handle", "static int __init edu_init", "static void __exit edu_exit" })
        {
            int start = original.IndexOf(function, StringComparison.Ordinal);
            Assert.Contains(original[start..(original.IndexOf("\n}\n", start, StringComparison.Ordinal) + 2)], Page);
        }
    }

    [Fact]
    public void The_program_prints_what_the_page_says()
    {
        string assembly = TwinRuns.Shipped($"examples/edu-driver/bin/{Configuration}/net10.0/edu-driver.dll");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(assembly);
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        Assert.Equal("", process.StandardError.ReadToEnd());
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        Assert.Contains("which prints\n\n```\n" + output + "```\n", Page);
    }

    private static string Configuration => AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";

    private static string Example(string name) => File.ReadAllText(TwinRuns.Shipped("examples/edu-driver/" + name));
}
