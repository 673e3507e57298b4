using Tophalf.Advisor;
using Tophalf.Advisor.Observations;
using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Advisor;

/// <summary>A machine that hides some of itself: what it hides is named, and the rest is still looked at.</summary>
public sealed class BlindnessTests
{
    [Fact]
    public void A_container_with_proc_hidden_gets_a_reason_for_every_silent_rule()
    {
        Diagnosis diagnosis = Doctor.Examine(Observer.Watch(new SavedTree(), 1_000_000_000));
        Assert.Empty(diagnosis.Findings);
        Assert.Contains(diagnosis.Blind, blind => blind is { RuleId: "interrupt-storm", Part: Part.Interrupts, Why: "/proc/interrupts: No such file or directory" });
        Assert.All(diagnosis.Blind, blind => Assert.NotEmpty(blind.Why));
    }

    [Fact]
    public void One_moment_is_enough_for_rules_of_settings_and_too_little_for_rates()
    {
        const string Interrupts = "           CPU0       CPU1\n  16:    5000000          0  IO-APIC  16-fasteoi  usb1, eth0\n ERR:          4\n";
        Diagnosis diagnosis = Doctor.Examine(Observer.Glance(new SavedTree().Add("/proc/interrupts", Interrupts)));
        Assert.Equal(["shared-line", "apic-errors"], diagnosis.Findings.Select(finding => finding.Id));
        Assert.Contains(diagnosis.Blind, blind => blind is { RuleId: "interrupt-storm", Part: Part.Rates });
    }

    [Fact]
    public void A_file_that_is_not_what_its_name_says_is_blamed_with_its_place()
    {
        Diagnosis diagnosis = Doctor.Examine(Observer.Glance(new SavedTree().Add("/proc/stat", "cpu  1 2 3 x\n")));
        Assert.Contains(diagnosis.Blind, blind => blind.RuleId == "steal" && blind.Why.StartsWith("/proc/stat:1:", StringComparison.Ordinal));
    }

    [Fact]
    public void The_name_of_an_interface_never_becomes_a_command()
    {
        var machine = new Sketch().Line(24, "eth0;reboot", [5, 0, 0, 0], "0").Interface("eth0;reboot", 100);
        Assert.DoesNotContain(machine.See().Interfaces, device => device.Name.Contains(';'));
    }
}
