using Tophalf.Advisor;
using Tophalf.Advisor.Observations;
using Tophalf.Tests.Oracle.Linux;
using Xunit;

namespace Tophalf.Tests.Advisor;

/// <summary>Conditions made in a real kernel booted for it, where breaking things harms nobody.</summary>
[Collection(OracleBoots.Collection)]
public sealed class OracleConditionTests(OracleBoots boots)
{
    private const string LoadModule = "insmod /lib/modules/tophalf_test.ko; t() { echo \"$*\" > /proc/tophalf_test; cat /proc/tophalf_test; }; dmesg -c > /dev/null; ";

    private OracleMachine Machine => boots[OracleBoard.Pc];

    [OracleFact]
    public void A_line_the_kernel_cut_and_one_on_its_way_there_are_told_apart()
    {
        try
        {
            Machine.Run(LoadModule + "t flow 50 edge; t request 50 a none");
            var observer = new Observer();
            observer.Look(Machine);
            Machine.Run("echo flood 50 5000 > /proc/tophalf_test");
            observer.Look(Machine);
            Diagnosis onItsWay = Doctor.Examine(observer.Finish(Machine));
            Assert.Contains(onItsWay.Findings, finding => finding.Id == "unhandled-growing");
            Assert.DoesNotContain(onItsWay.Findings, finding => finding.Id == "unhandled-line");

            // The pause before this flood starts the detector's count over in the middle of its window; the second window is full of them.
            Machine.Run("echo flood 50 250000 > /proc/tophalf_test");
            Finding cut = Doctor.Examine(Observer.Glance(Machine)).Findings.First(finding => finding.Id == "unhandled-line");
            Assert.Equal(Severity.Error, cut.Severity);
            Assert.Contains("irq 50", cut.Says);
        }
        finally
        {
            Machine.Run("echo free 50 a > /proc/tophalf_test; rmmod tophalf_test; dmesg -c > /dev/null");
        }
    }

    [OracleFact]
    public void Two_devices_on_one_busy_wire_are_found_sharing_it()
    {
        try
        {
            Machine.Run(LoadModule + "t edu intx; touch /tmp/quiet");
            var observer = new Observer();
            observer.Look(Machine);
            Machine.Run("i=0; while [ $i -lt 400 ]; do echo edu raise 1 > /proc/tophalf_test; i=$((i + 1)); done");
            observer.Look(Machine);
            Observation seen = observer.Finish(Machine);
            // The emulated processor may be too slow for the rule's rate; then the counts are taken for what they are.
            Assert.Equal(seen.Lines.Any(line => line.Actions.Count > 1 && seen.IsAtLeast(line.Count, 50)), Doctor.Examine(seen).Findings.Any(finding => finding.Id == "shared-line"));
            Assert.Contains(seen.Lines, line => line.Actions.Count > 1 && line.Count >= 400);
        }
        finally
        {
            Machine.Run("echo edu off > /proc/tophalf_test; rm -f /tmp/quiet; rmmod tophalf_test");
        }
    }

    [OracleFact]
    public void A_message_line_whose_mask_was_written_while_it_was_quiet_stays_where_it_was()
    {
        OracleMachine machine = boots[OracleBoard.Q35];
        string irq = machine.Run("grep virtio0-config /proc/interrupts | cut -d: -f1 | tr -d ' '").Output.Trim();
        string file = $"/proc/irq/{irq}/smp_affinity_list", before = machine.Read(file);
        int now = int.Parse(machine.Read($"/proc/irq/{irq}/effective_affinity_list").Trim());
        try
        {
            machine.Write(file, $"{1 - now}\n");
            Assert.Contains(Doctor.Examine(Observer.Glance(machine)).Findings, finding => finding.Id == "mask-not-in-force" && finding.Evidence[0].File == file);
        }
        finally
        {
            machine.Write(file, before);
        }
    }
}
