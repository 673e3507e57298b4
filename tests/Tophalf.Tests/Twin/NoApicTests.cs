using Tophalf.Hardware.Controllers;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;

namespace Tophalf.Tests.Twin;

/// <summary>A machine on its 8259 pair alone, and what becomes of the pair when the I/O APIC takes over.</summary>
public class NoApicTests
{
    private static TwinMachine Boot(string cmdline) => TwinRuns.Machine($$"""
        machine: {cores: 2, kernel: {cmdline: {{cmdline}} } }
        devices:
          ttyS0: {model: uart, irq: 4, trigger: level}
          ide: {model: line, irq: 14, trigger: edge, actions: [pata]}
        workloads:
          - uart: {to: ttyS0, rate: 11520/s, arrivals: constant}
          - interrupts: {to: ide, rate: 1000/s, arrivals: constant}
        """, SimTime.Second + SimTime.Millisecond / 2);

    [Fact]
    public void With_noapic_the_lines_of_both_chips_come_through_XT_PIC_on_the_boot_processor()
    {
        TwinMachine machine = Boot("noapic");

        Assert.Equal(
            """
                       CPU0       CPU1       
              4:        823          0   XT-PIC      ttyS0
             14:       1000          0   XT-PIC      pata

            """, string.Join('\n', machine.Read("/proc/interrupts").Split('\n')[..3]) + "\n");
        Assert.Equal("XT-PIC\n", machine.Read("/sys/kernel/irq/14/chip_name"));
        Audit.Check(machine);
    }

    [Fact]
    public void Linux_puts_the_pair_at_vectors_0x30_to_0x3f()
    {
        TwinMachine machine = Boot("noapic");

        Assert.Equal(0x30, machine.Pic.Master.State.VectorBase);
        Assert.Equal(0x38, machine.Pic.Slave.State.VectorBase);
        Assert.Equal(0x34, machine.Kernel.Irqs.Find(4)!.Vector);
        Assert.Equal(0x3E, machine.Kernel.Irqs.Find(14)!.Vector);
    }

    [Fact]
    public void Only_the_lines_in_use_and_the_cascade_are_open()
    {
        TwinMachine machine = Boot("noapic");

        Assert.Equal(unchecked((byte)~(1 << 4 | 1 << Pic8259Pair.CascadeLine)), machine.Pic.Master.Imr);
        Assert.Equal(unchecked((byte)~(1 << 6)), machine.Pic.Slave.Imr);
    }

    [Fact]
    public void An_io_apic_that_takes_over_leaves_the_pair_masked_and_the_counts_the_same()
    {
        TwinMachine machine = Boot("quiet");

        Assert.Equal((0xFF, 0xFF), (machine.Pic.Master.Imr, machine.Pic.Slave.Imr));
        Assert.Contains("0        823  IO-APIC   4-fasteoi   ttyS0", machine.Read("/proc/interrupts"));
        Assert.Contains("1000          0  IO-APIC  14-edge      pata", machine.Read("/proc/interrupts"));
    }

    [Fact]
    public void A_request_that_is_gone_at_the_acknowledgement_is_a_spurious_IRQ7_and_counts_in_the_ERR_row()
    {
        TwinMachine machine = TwinRuns.Machine("""
            machine: {cores: 1, kernel: {cmdline: noapic}}
            devices:
              lpt: {model: line, irq: 7, trigger: edge}
              modem: {model: line, irq: 5, trigger: level}
            """, SimTime.Millisecond);
        long nowPs = machine.Events.NowPs;

        // The level line falls after the pair has asked and before the processor acknowledges: as a bus with noise on it.
        machine.Fabric.ExternalAcknowledge = atPs =>
        {
            machine.Pic.SetLine(5, false, atPs);
            return machine.Pic.Acknowledge(atPs);
        };
        machine.Pic.SetLine(5, true, nowPs);
        machine.RunUntil(nowPs + SimTime.Millisecond);

        Assert.Contains("ERR:          1\n", machine.Read("/proc/interrupts"));
        Assert.Contains(machine.Kernel.Dmesg, line => line.EndsWith("spurious 8259A interrupt: IRQ7.", StringComparison.Ordinal));
        Assert.Equal(0u, machine.Kernel.Irqs.Find(5)!.CountOn(0));
        Audit.Check(machine);
    }

    [Fact]
    public void A_line_the_pair_does_not_have_is_refused_at_its_place()
    {
        var refused = Assert.Throws<TuningException>(() => TwinRuns.Machine("""
            machine: {kernel: {cmdline: noapic}}
            devices:
              nvme: {model: line, irq: 20}
            """, SimTime.Millisecond));

        Assert.EndsWith(":3:3: nvme: with noapic there is no line 20; write irq 0, 1 or 3 to 15, or boot without noapic", refused.Message);
    }
}
