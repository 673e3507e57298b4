using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Kernel.BottomHalves;

/// <summary>What docs/bottom-halves.md shows is what the twin prints.</summary>
public class BottomHalvesPageTests
{
    [Fact]
    public void The_test_drivers_story_is_what_its_script_prints()
    {
        string page = File.ReadAllText(TwinRuns.Shipped("docs/bottom-halves.md"));
        const string begin = "$ ./tophalf sh scenarios/oracle-q35.yaml -c '\n";
        string figure = page[(page.IndexOf(begin, StringComparison.Ordinal) + begin.Length)..];
        figure = figure[..figure.IndexOf("```", StringComparison.Ordinal)];
        int end = figure.IndexOf("'\n", StringComparison.Ordinal);
        TwinMachine machine = MachineBuilder.Build(ScenarioFile.Load(TwinRuns.Shipped("scenarios/oracle-q35.yaml")), seed: 1, exact: false);
        Assert.Equal(figure[(end + 2)..], machine.Run(figure[..end]).Output);
    }

    [Fact]
    public void The_followed_interrupt_ends_as_the_page_says()
    {
        string page = File.ReadAllText(TwinRuns.Shipped("docs/bottom-halves.md"));
        var report = TwinRunner.Run(ScenarioFile.Load(TwinRuns.Shipped("scenarios/spread.yaml")), new RunOptions { Follow = "eth0", ForPs = 20 * Tophalf.Simulation.SimTime.Millisecond });
        var last = report.Hops.SkipWhile(hop => !hop.What.Contains("EOI", StringComparison.Ordinal)).ToArray();
        Assert.Equal(8, last.Length);
        Assert.All(last, hop => Assert.Contains(hop.What, page));
    }

    [Fact]
    public void The_module_of_the_page_beats_every_second_until_it_is_taken_out()
    {
        string page = File.ReadAllText(TwinRuns.Shipped("docs/bottom-halves.md"));
        string source = File.ReadAllText(TwinRuns.Shipped("tests/Tophalf.Tests/Kernel/BottomHalves/HeartbeatModule.cs"));
        Assert.Contains(source[source.IndexOf("internal sealed class", StringComparison.Ordinal)..], page);

        TwinMachine machine = TwinRuns.Machine("machine: {cores: 2}");
        machine.Kernel.Modules.Add("heartbeat", () => new HeartbeatModule());
        string beats = machine.Run("insmod /lib/modules/heartbeat.ko; sleep 3.5; dmesg | grep heartbeat").Output;
        Assert.Contains(beats, page);
        Assert.Equal(3, beats.Count(c => c == '\n'));
        Assert.Equal("3\n", machine.Run("rmmod heartbeat; sleep 3; dmesg | grep -c heartbeat").Output);
    }
}
