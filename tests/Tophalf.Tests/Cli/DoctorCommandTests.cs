using System.Text.Json;
using Tophalf.Cli;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Cli;

/// <summary>doctor from the command line: what it prints and what it tells its caller.</summary>
public sealed class DoctorCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tophalf-doctor");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_flooded_core_is_a_finding_and_exit_status_1()
    {
        CommandLineRun run = CommandLineRun.Of("doctor", "--on", TwinRuns.Shipped("scenarios/core0-flood.yaml"), "--for", "100ms");
        Assert.Equal((ExitCode.Findings, ""), (run.Status, run.Error));
        Assert.Contains("error ring-drops", run.Output);
        Assert.Contains("try      ethtool -L eth0 combined 8", run.Output);
    }

    [Fact]
    public void A_spread_load_is_exit_status_0()
    {
        CommandLineRun run = CommandLineRun.Of("doctor", "--on", TwinRuns.Shipped("scenarios/spread.yaml"));
        Assert.Equal(ExitCode.Good, run.Status);
        Assert.Contains("nothing found", run.Output);
    }

    [Fact]
    public void Programs_get_evidence_reason_and_source_beside_what_run_gives_them()
    {
        CommandLineRun run = CommandLineRun.Of("doctor", "--on", TwinRuns.Shipped("scenarios/core0-flood.yaml"), "--for", "100ms", "--json");
        JsonElement diagnosis = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(0.1, diagnosis.GetProperty("watched_s").GetDouble(), 3);
        JsonElement finding = diagnosis.GetProperty("findings")[0];
        Assert.All(["id", "severity", "says", "because", "try", "evidence", "reason", "threshold", "source"], key => Assert.True(finding.TryGetProperty(key, out _), key));
        Assert.Equal("/proc/net/dev", finding.GetProperty("evidence")[0].GetProperty("file").GetString());
        Assert.Contains(diagnosis.GetProperty("could_not_see").EnumerateArray(), part => part.GetProperty("rules").GetArrayLength() > 0);
    }

    [Fact]
    public void One_saved_file_is_read_for_what_it_gives_away()
    {
        string file = Path.Combine(_folder.FullName, "interrupts");
        File.WriteAllText(file, "           CPU0       CPU1\n  16:    5000000          0  IO-APIC  16-fasteoi  usb1, eth0\n");
        CommandLineRun run = CommandLineRun.Of("doctor", "--on", file);
        Assert.Equal(ExitCode.Findings, run.Status);
        Assert.Contains("one moment, counts since boot", run.Output);
        Assert.Contains("shared-line", run.Output);
    }

    [Fact]
    public void A_saved_log_tells_of_a_line_that_was_turned_off()
    {
        string file = Path.Combine(_folder.FullName, "dmesg.txt");
        File.WriteAllText(file, "[   35.166658] irq 156: nobody cared (try booting with the \"irqpoll\" option)\n[   35.200000] Disabling IRQ #156\n");
        Assert.Contains("error unhandled-line  The kernel has turned irq 156 off", CommandLineRun.Of("doctor", "--on", file).Output);
    }

    [Theory]
    [InlineData("--on", "/nowhere/at/all")]
    [InlineData("--for", "soon")]
    [InlineData("--for", "1ns")]
    public void Wrong_usage_is_exit_status_2_and_one_line(string option, string value)
    {
        CommandLineRun run = CommandLineRun.Of("doctor", option, value);
        Assert.Equal((ExitCode.BadInput, ""), (run.Status, run.Output));
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("tophalf: ", run.Error);
    }
}
