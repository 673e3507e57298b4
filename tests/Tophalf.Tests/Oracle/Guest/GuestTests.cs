using System.Text;
using Xunit;

namespace Tophalf.Tests.Oracle.Guest;

/// <summary>The bare-metal guest executes scripts in an emulator; our hardware must see what it saw. Exceptions: docs/hardware-guest.md.</summary>
public class GuestTests
{
    private const string InstallQemu = "run tests/oracle/install.sh as root", InstallBochs = "apt-get install bochs bochsbios bochs-term";

    [Fact]
    public void Twin_tells_the_stories() => Assert.Equal(Expected(GuestStory.All), string.Concat(GuestStory.All.Select(story =>
    {
        GuestTwin twin = new(1, x2Apic: false);
        return Told(story, story.Steps.Select(step => twin.Run(step.Operation)));
    })));

    [GuestFact(QemuGuestMachine.Program, InstallQemu)]
    public void QEMU_tells_the_stories() => Assert.Equal(Expected(GuestStory.All), Told(new QemuGuestMachine(), GuestStory.All));

    [GuestFact(BochsGuestMachine.Program, InstallBochs)]
    public void Bochs_tells_the_stories()
    {
        GuestStory[] stories = [.. GuestStory.All.Where(story => !story.CrowdsAClass)]; // B1
        Assert.Equal(Expected(stories), Told(new BochsGuestMachine(), stories));
    }

    [GuestFact(QemuGuestMachine.Program, InstallQemu)]
    public void Local_apic_processor_and_msi_agree_with_QEMU()
    {
        int operations = 0;
        for (int cpus = 1; cpus <= 4; cpus++) operations += Compare(new GuestDifferential(new QemuGuestMachine(), new QemuGuestRules(), cpus), scripts: 100);
        Assert.InRange(operations, 10_000, int.MaxValue);
    }

    [GuestFact(BochsGuestMachine.Program, InstallBochs)]
    public void Local_apic_and_processor_agree_with_Bochs()
    {
        int operations = 0;
        foreach (bool x2Apic in new[] { false, true })
        {
            operations += Compare(new GuestDifferential(new BochsGuestMachine(), new BochsGuestRules(), 1, x2Apic), scripts: 60);
            operations += Compare(new GuestDifferential(new BochsGuestMachine(), new BochsGuestRules(), 3, x2Apic), scripts: 15);
        }
        Assert.InRange(operations, 4_000, int.MaxValue);
    }

    private static int Compare(GuestDifferential differential, int scripts)
    {
        differential.Run(seed: 1, scripts, length: 40);
        return differential.Operations;
    }

    private static string Expected(IEnumerable<GuestStory> stories) => string.Concat(stories.Select(story => Told(story, story.Steps.Select(step => step.Line))));

    private static string Told(GuestMachine machine, IReadOnlyList<GuestStory> stories)
    {
        List<(GuestOperation, int)> script = [];
        foreach (GuestStory story in stories)
        {
            script.Add((new GuestOperation(GuestCode.Reset, 0), 1));
            script.AddRange(story.Steps.Select(step => (step.Operation, 1)));
        }
        string[] lines = machine.Run(script, cpus: 1);
        StringBuilder told = new();
        int at = 0;
        foreach (GuestStory story in stories)
        {
            at++;
            told.Append(Told(story, lines.Skip(at).Take(story.Steps.Length)));
            at += story.Steps.Length;
        }
        return told.ToString();
    }

    private static string Told(GuestStory story, IEnumerable<string> lines) =>
        $"{story.Name}\n" + string.Concat(story.Steps.Zip(lines, (step, line) => $"  {step.Operation}{line}\n"));
}
