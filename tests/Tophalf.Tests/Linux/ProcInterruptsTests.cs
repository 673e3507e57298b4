using System.Text;
using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Linux;

/// <summary>The layouts of /proc/interrupts over the years and architectures, each read into the same parts.</summary>
public class ProcInterruptsTests
{
    [Theory]
    [InlineData("x86, 2.4", "  0:      23147          0    IO-APIC-edge  timer", "IO-APIC | - | edge | - | timer")]
    [InlineData("x86, 2.4, 8259", "  2:          0          0          XT-PIC  cascade", "XT-PIC | - | - | - | cascade")]
    [InlineData("x86, 2.6.3x, 8259", "  2:          0          0    XT-PIC-XT        cascade", "XT-PIC | - | XT | - | cascade")]
    [InlineData("x86, 3.x", " 29:          0     312454   PCI-MSI-edge      eth0, eth1", "PCI-MSI | - | edge | - | eth0;eth1")]
    [InlineData("x86, 3.x, no handler", "  7:         34          0  IR-IO-APIC-edge    ", "IR-IO-APIC | - | edge | - | ")]
    [InlineData("x86, 4.2 to 6.1", " 29:          0     312454  IR-PCI-MSI 524288-edge      xhci_hcd", "IR-PCI-MSI | 524288 | edge | - | xhci_hcd")]
    [InlineData("x86, from 6.2", " 36:          0      40962 PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0", "PCI-MSIX-0000:00:02.0 | 1 | edge | - | virtio1-req.0")]
    [InlineData("x86, 7.2", "  36:          0      40962  IO-APIC                  1-fasteoi   acpi", "IO-APIC | 1 | fasteoi | - | acpi")]
    [InlineData("Xen", " 64:         12          0  xen-percpu-virq      timer0", "xen-percpu | - | virq | - | timer0")]
    [InlineData("Xen from 4.2", " 48:    1200345          0  xen-percpu    -virq      timer0", "xen-percpu | - | virq | - | timer0")]
    [InlineData("Xen from 4.2, event channel", " 66:       1234          0   xen-dyn    -event     eth0-q0-tx", "xen-dyn | - | event | - | eth0-q0-tx")]
    [InlineData("Xen, wire of the host", " 12:        257          0  xen-pirq  12-ioapic-edge  i8042", "xen-pirq | 12 | ioapic-edge | - | i8042")]
    [InlineData("Xen, message of the host", " 30:          0       1902  xen-pirq    -msi-x     nvme0q1", "xen-pirq | - | msi-x | - | nvme0q1")]
    [InlineData("Hyper-V", " 25:          1    2989138  Hyper-V PCIe MSI 4138200989697-edge      mana_q0@pci:7870:00:00.0", "Hyper-V PCIe MSI | 4138200989697 | edge | - | mana_q0@pci:7870:00:00.0")]
    [InlineData("Hyper-V from 6.17", " 25:          1    2989138 HV-PCI-MSIX-7870:00:00.0   1-edge      mana_q0@pci:7870:00:00.0", "HV-PCI-MSIX-7870:00:00.0 | 1 | edge | - | mana_q0@pci:7870:00:00.0")]
    [InlineData("arm64, timer", " 11:    5912345    4812345     GICv3  27 Level     arch_timer", "GICv3 | 27 | - | Level | arch_timer")]
    [InlineData("arm64, per-device MSI", " 63:          0       1195 ITS-PCI-MSIX-0000:01:00.0   3 Edge      nvme0q3", "ITS-PCI-MSIX-0000:01:00.0 | 3 | - | Edge | nvme0q3")]
    [InlineData("Arm, GIC of two words", " 29:         12          0     GIC-0  29 Level     twd", "GIC-0 | 29 | - | Level | twd")]
    [InlineData("RISC-V, timer", "  5:       5079      10821  RISC-V INTC   5 Edge      riscv-timer", "RISC-V INTC | 5 | - | Edge | riscv-timer")]
    [InlineData("RISC-V, a name with a blank", "  1:          0          0  SiFive PLIC 412 Level     1004b800.serial:rx err", "SiFive PLIC | 412 | - | Level | 1004b800.serial:rx err")]
    [InlineData("PowerPC, XICS", " 17:       1523          0      XICS   2 Edge      IPI", "XICS | 2 | - | Edge | IPI")]
    [InlineData("PowerPC, XIVE", " 257:      11833          0  XIVE-IRQ 4353 Edge      ibmvscsi", "XIVE-IRQ | 4353 | - | Edge | ibmvscsi")]
    [InlineData("PowerPC, OPAL", " 18:         21          0  OPAL EVT   4 Edge      hvc_console", "OPAL EVT | 4 | - | Edge | hvc_console")]
    [InlineData("PowerPC, OpenPIC", " 42:      31415          0      MPIC  42 Level     serial", "MPIC | 42 | - | Level | serial")]
    [InlineData("MIPS", "  7:     812345          0      MIPS   7  timer", "MIPS | 7 | - | - | timer")]
    [InlineData("LoongArch", " 19:         12          0  PCH PIC  19  loongson-alarm", "PCH PIC | 19 | - | - | loongson-alarm")]
    [InlineData("arm64", " 58:          0 1195697946   ITS-MSI 81921 Edge      eth0-Tx-Rx-0", "ITS-MSI | 81921 | - | Edge | eth0-Tx-Rx-0")]
    [InlineData("Raspberry Pi", " 41:     127709     127690  ARMCTRL-level  41 Edge      3f980000.usb, dwc2_hsotg:usb1", "ARMCTRL-level | 41 | - | Edge | 3f980000.usb;dwc2_hsotg:usb1")]
    [InlineData("PowerPC, 2.6", " 16:        158          0       UIC   Level     MAL TX EOB", "UIC | - | - | Level | MAL TX EOB")]
    [InlineData("RISC-V", "  4:       6266          0  SiFive PLIC   4  10010000.serial", "SiFive PLIC | 4 | - | - | 10010000.serial")]
    [InlineData("IBM Z", "  3:          6          4   PCI-MSI  mlx5_async@pci:0002:00:00.0", "PCI-MSI | - | - | - | mlx5_async@pci:0002:00:00.0")]
    [InlineData("Arm board, 2.6", " 27:      18210          0   sep4020 Timer 2 Tick", "- | - | - | - | sep4020 Timer 2 Tick")]
    [InlineData("PREEMPT_RT of 2004", "  1:       5362          0          XT-PIC  i8042  0/5362", "XT-PIC | - | - | - | i8042")]
    public void Row_is_taken_apart(string kernel, string row, string parts)
    {
        InterruptRow read = ProcInterrupts.Parse("           CPU0       CPU1\n" + row + "\n").Rows.Single();
        Assert.True(read.Irq >= 0, kernel);
        Assert.Equal(parts, $"{read.Chip ?? "-"} | {read.HardwareIrq ?? "-"} | {read.Flow ?? "-"} | {read.Trigger ?? "-"} | {string.Join(';', read.Actions)}");
    }

    [Fact]
    public void Machine_of_today_reads_as_one_table()
    {
        const string text = """
                       CPU0       CPU2       
             24:          1          0  IO-APIC   5-edge      ACPI:Ged
             36:          0      28412 PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0
            NMI:          0          0   Non-maskable interrupts
            IPI0:2768808080 2844211768       Rescheduling interrupts
            ERR:          7
            """;
        Assert.Equal("""
            CPUs 0 2
            24 [1 0] ACPI:Ged
            36 [0 28412] virtio1-req.0
            NMI [0 0] Non-maskable interrupts
            IPI0 [2768808080 2844211768] Rescheduling interrupts
            ERR [7]

            """, Sketch(ProcInterrupts.Parse(text)));
    }

    /// <summary>arch/arm/kernel/fiq.c show_fiq_list prints a name and no counters; smp.c numbers the IPIs.</summary>
    [Fact]
    public void Raspberry_pis_fast_interrupt_has_a_name_and_no_count()
    {
        const string text = """
                       CPU0       CPU1
             86:       5669          0  ARMCTRL-level  88 Edge      mmc0
            FIQ:              usb_fiq
            IPI0:          0          0  CPU wakeup interrupts
            IPI2:     590271     437681  Rescheduling interrupts
            Err:          0
            """;
        Assert.Equal("""
            CPUs 0 1
            86 [5669 0] mmc0
            FIQ [] usb_fiq
            IPI0 [0 0] CPU wakeup interrupts
            IPI2 [590271 437681] Rescheduling interrupts
            Err [0]

            """, Sketch(ProcInterrupts.Parse(text)));
        Assert.Empty(ProcInterrupts.Parse(text).Problems);
    }

    [Fact]
    public void Counter_belongs_to_the_cpu_its_column_names()
    {
        ProcInterrupts dump = ProcInterrupts.Parse("           CPU0       CPU6\n  9:          2         11   IO-APIC   9-fasteoi   acpi\nERR:          5\n");
        Assert.Equal((2, 0, 11), (dump.CountOn(dump[9]!, 0), dump.CountOn(dump[9]!, 1), dump.CountOn(dump[9]!, 6)));
        Assert.Equal(0, dump.CountOn(dump["ERR"]!, 0));
        Assert.Equal(5, dump["ERR"]!.Total);
    }

    [Fact]
    public void Mail_quotes_and_console_noise_fall_away()
    {
        const string text = "> # cat /proc/interrupts\r\n>            CPU0       ^M^M\r\n>  18:         21  OPAL EVT   4 Edge      hvc_console^M^M\r\n> # exit\r\n";
        Assert.Equal("CPUs 0\n18 [21] hvc_console\n", Sketch(ProcInterrupts.Parse(text)));
    }

    [Fact]
    public void Of_two_dumps_in_one_text_the_newer_counts()
    {
        const string text = "   CPU0\n  1:  4  XT-PIC  i8042\n\nlater:\n   CPU0\n  1:  9  XT-PIC  i8042\n";
        Assert.Equal([4L, 9], ProcInterrupts.ParseAll(text).Select(dump => dump[1]!.Total));
        Assert.Equal(9, ProcInterrupts.Parse(text)[1]!.Total);
    }

    [Fact]
    public void Header_wrapped_by_a_mail_program_is_one_header()
    {
        ProcInterrupts dump = ProcInterrupts.Parse("   CPU0  CPU1\n   CPU2\n  1:  4  5  6  XT-PIC  i8042\n");
        Assert.Equal([0, 1, 2], dump.Cpus.ToArray());
        Assert.Equal(15, dump[1]!.Total);
    }

    [Theory]
    [InlineData("", "1:1: no line of CPU columns and no rows of /proc/interrupts; give the text of /proc/interrupts")]
    [InlineData("<html>\n<body>404: 1 not found</body>", "1:1: no line of CPU columns and no rows of /proc/interrupts; give the text of /proc/interrupts")]
    [InlineData("MemTotal:       16318412 kB\nMemFree: 12 kB\n", "1:1: no line of CPU columns and no rows of /proc/interrupts; give the text of /proc/interrupts")]
    [InlineData("  1: 2\nELF\0\u0001", "2:4: binary data, not text; give the text of /proc/interrupts")]
    [InlineData("  CPU0 CPU8192", "1:8: a CPU number that no kernel has; CPUs go from 0 to 8191")]
    [InlineData("CPU1 CPU0\n", "1:6: CPU0 stands after CPU1; name each CPU once, in ascending order")]
    public void Text_of_another_kind_is_refused_with_place_and_remedy(string text, string message)
    {
        ReaderException exception = Assert.Throws<ReaderException>(() => ProcInterrupts.Parse(text));
        Assert.Equal(message, exception.Message);
    }

    [Fact]
    public void Rows_that_cannot_be_right_are_told_with_their_place_and_the_others_read()
    {
        ProcInterrupts dump = ProcInterrupts.Parse("CPU0 CPU1 CPU2\n 1: 99999999999999999999 2 3 x\n 2: 4 5  IO-APIC 2-edge eth0\n 3: 1 1 1 IO-APIC 3-edge eth1\nERR: 7\n");
        Assert.Equal("2:5 1: a counter above 64 bits; the row is left out, 3:8 2: 2 counters for 3 CPUs", string.Join(", ", dump.Problems.Select(p => $"{p.Line}:{p.Column} {p.Says}")));
        Assert.Equal(["2", "3", "ERR"], dump.Rows.Select(row => row.Label));
    }

    [Fact]
    public void Text_of_more_rows_than_any_kernel_has_is_refused()
    {
        StringBuilder text = new("CPU0\n");
        for (int irq = 0; irq <= ReaderLimits.MaxRows; irq++)
            text.Append(irq).Append(": 1  x\n");
        Assert.Equal("65538:1: more than 65536 rows; cut the text down to one dump of the file", Assert.Throws<ReaderException>(() => ProcInterrupts.Parse(text.ToString())).Message);
    }

    private static string Sketch(ProcInterrupts dump)
    {
        StringBuilder sketch = new($"CPUs {string.Join(' ', dump.Cpus)}\n");
        foreach (InterruptRow row in dump.Rows)
        {
            string what = row.Irq is null ? row.Description : string.Join(", ", row.Actions);
            sketch.Append($"{row.Label} [{string.Join(' ', row.Counts)}] {what}".TrimEnd()).Append('\n');
        }
        return sketch.ToString();
    }
}
