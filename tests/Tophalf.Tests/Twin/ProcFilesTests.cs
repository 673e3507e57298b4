using System.Globalization;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Linux;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Xunit;
using Xunit.Abstractions;

namespace Tophalf.Tests.Twin;

/// <summary>The files of a twin under load, read by the readers of live machines.</summary>
public class ProcFilesTests(ITestOutputHelper output)
{
    private const string Busy = """
        machine: {cores: 4}
        devices:
          eth0: {model: ixgbe, queues: 4}
          ttyS0: {model: uart, irq: 4}
          usb: {model: line, irq: 16, trigger: level, actions: [ehci_hcd, i801_smbus]}
        workloads:
          - packets: {to: eth0, rate: 1Mpps, arrivals: poisson, app: {threads: 2, cpus: "2-3"}}
          - uart: {to: ttyS0, rate: 5000/s}
          - interrupts: {to: usb, rate: 2000/s, arrivals: poisson}
          - task: {name: hog, cpus: "1", busy: 60%}
        """;

    private static readonly TwinMachine Machine = TwinRuns.Machine(Busy, 300 * SimTime.Millisecond);

    [Fact]
    public void Proc_interrupts_has_a_row_per_line_as_the_kernel_writes_it()
    {
        ProcInterrupts file = ProcInterrupts.Read(Machine);
        Assert.Equal([0, 1, 2, 3], file.Cpus.ToArray());
        string[] lines = [.. file.Numbered.Select(row => $"{row.Irq} {row.Chip} {row.HardwareIrq}-{row.Flow} {string.Join(", ", row.Actions)}")];
        Assert.Equal(
        [
            "0 IO-APIC 2-edge timer",
            "4 IO-APIC 4-fasteoi ttyS0",
            "16 IO-APIC 16-fasteoi ehci_hcd, i801_smbus",
            "24 PCI-MSIX-0000:01:00.0 0-edge eth0-TxRx-0",
            "25 PCI-MSIX-0000:01:00.0 1-edge eth0-TxRx-1",
            "26 PCI-MSIX-0000:01:00.0 2-edge eth0-TxRx-2",
            "27 PCI-MSIX-0000:01:00.0 3-edge eth0-TxRx-3",
            "28 PCI-MSIX-0000:01:00.0 4-edge eth0",
        ], lines);
    }

    [Fact]
    public void Proc_stat_counts_what_proc_interrupts_counts()
    {
        ProcInterrupts interrupts = ProcInterrupts.Read(Machine);
        ProcStat stat = ProcStat.Read(Machine);
        foreach (InterruptRow row in interrupts.Numbered) Assert.Equal(row.Total, stat.InterruptsByIrq[row.Irq!.Value]);
        Assert.Equal(interrupts.Numbered.Sum(row => row.Total), stat.InterruptsByIrq.Sum());
        // The architecture's part of the total: TLB flushes are in CAL, and posted interrupts are not in it (arch/x86/kernel/irq.c, arch_irq_stat_cpu).
        string[] counted = ["NMI", "LOC", "SPU", "PMI", "IWI", "RTR", "RES", "CAL", "TRM"];
        Assert.Equal(stat.Interrupts, stat.InterruptsByIrq.Sum() + counted.Sum(label => interrupts[label]!.Total));
    }

    [Fact]
    public void The_ticks_of_every_cpu_add_up_to_the_uptime()
    {
        ProcStat stat = ProcStat.Read(Machine);
        Assert.All(stat.Cpus, cpu => Assert.InRange(cpu.Total, 30 - 10, 30));
        Assert.InRange(stat.Cpus[1].User, 17, 18);
        string[] uptime = Machine.Read("/proc/uptime").Split();
        Assert.Equal("0.30", uptime[0]);
        double idleS = double.Parse(uptime[1], CultureInfo.InvariantCulture);
        Assert.InRange(idleS * 100 - stat.All.Idle, -0.5, 4);
    }

    [Fact]
    public void Proc_softirqs_agrees_with_proc_stat()
    {
        ProcSoftirqs softirqs = ProcSoftirqs.Read(Machine);
        ProcStat stat = ProcStat.Read(Machine);
        Assert.Equal(["HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU"], softirqs.Rows.Select(row => row.Name));
        Assert.Equal(softirqs.Rows.Select(row => row.Total), stat.SoftirqsByVector);
        Assert.Equal(softirqs.Rows.Sum(row => row.Total), stat.Softirqs);
        Assert.True(softirqs["NET_RX"]!.Total > 1000);
    }

    [Fact]
    public void Softnet_stat_has_fifteen_columns_and_counts_the_packets()
    {
        SoftnetStat softnet = SoftnetStat.Read(Machine);
        Assert.All(softnet.Cpus, cpu => Assert.Equal((15, (int?)cpu.Row), (cpu.Columns, cpu.Cpu)));
        long taken = Machine.NetDevices[0].RxTaken;
        Assert.Equal(taken, softnet.Cpus.Sum(cpu => (long)cpu.Processed));
        NetDev eth0 = ProcNetDev.Read(Machine).Interfaces.Single(device => device.Name == "eth0");
        Assert.Equal((taken, taken * 64), (eth0.Receive.Packets, eth0.Receive.Bytes));
    }

    [Fact]
    public void A_lines_directory_is_that_of_the_kernel()
    {
        Assert.Equal(
            ["affinity_hint", "effective_affinity", "effective_affinity_list", "ehci_hcd", "i801_smbus", "node", "smp_affinity", "smp_affinity_list", "spurious"],
            Machine.List("/proc/irq/16"));
        Assert.Equal("f\n", Machine.Read("/proc/irq/16/smp_affinity"));
        Assert.Equal("0-3\n", Machine.Read("/proc/irq/16/smp_affinity_list"));
        Assert.Equal("0\n", Machine.Read("/proc/irq/16/affinity_hint"));
        Assert.Equal("-1\n", Machine.Read("/proc/irq/16/node"));
        Assert.Contains("default_smp_affinity", Machine.List("/proc/irq"));
    }

    [Theory]
    [InlineData("echo 0 > /proc/irq/24/smp_affinity", "sh: write error: Invalid argument\n")]
    [InlineData("echo 100 > /proc/irq/24/smp_affinity", "sh: write error: Value too large for defined data type\n")]
    [InlineData("echo 64 > /proc/irq/24/smp_affinity_list", "sh: write error: Numerical result out of range\n")]
    [InlineData("echo x > /proc/irq/24/smp_affinity_list", "sh: write error: Invalid argument\n")]
    [InlineData("echo 1 > /proc/irq/24/effective_affinity", "sh: write error: Input/output error\n")]
    [InlineData("cat /proc/irq/99/smp_affinity", "cat: can't open '/proc/irq/99/smp_affinity': No such file or directory\n")]
    public void A_shell_reports_what_the_kernel_refuses(string command, string error)
    {
        CommandResult result = TwinRuns.Machine(Busy).Run(command);
        Assert.Equal((1, "", error), (result.Status, result.Output, result.Error));
    }

    /// <summary>The file of the running kernel against that of a twin of as many processors.</summary>
    [LiveFact]
    public void Proc_interrupts_has_the_layout_of_the_kernel_this_runs_on()
    {
        string live = File.ReadAllText(ProcInterrupts.Path);
        int cpus = ProcInterrupts.Parse(live).Cpus.Length;
        string twin = TwinRuns.Machine($"machine: {{cores: {cpus}}}\ndevices:\n  eth0: {{model: ixgbe, queues: 1}}\n").Read(ProcInterrupts.Path);

        Assert.Equal(live.Split('\n')[0], twin.Split('\n')[0]);
        Assert.Equal(Shape(live, "LOC"), Shape(twin, "LOC"));
        Assert.Equal(Shape(live, "ERR"), Shape(twin, "ERR"));
        Assert.Equal(CountersEnd(live, cpus), CountersEnd(twin, cpus));
        // Rows of configurations and vendors come and go; those of both stand in the same order.
        string[] here = Summary(live), there = Summary(twin);
        output.WriteLine($"only the running kernel has: {string.Join(' ', here.Except(there))}");
        output.WriteLine($"only the twin has: {string.Join(' ', there.Except(here))}");
        Assert.Equal(here.Where(there.Contains), there.Where(here.Contains));
        string[] optional = ["TRM", "THR", "DFR", "MCE", "MCP", "HYP", "HRE", "HVS", "PIN", "NPI", "PIW", "PMN", "APF"];
        Assert.All(there.Except(here).Concat(here.Except(there)), label => Assert.Contains(label, optional));
    }

    /// <summary>Where the colon and the last counter of the numbered rows end: the same in all of them.</summary>
    private static string CountersEnd(string text, int cpus)
    {
        string row = text.Split('\n').First(line => line.IndexOf(':') is var colon and > 0 && int.TryParse(line.AsSpan(0, colon), out _));
        int colon = row.IndexOf(':'), end = colon + 1 + 11 * cpus;
        return $"{colon} {end} {char.IsDigit(row[end - 1])} {row[end]}";
    }

    /// <summary>A row with its digits and blanks before the counters' ends flattened: where its columns stand, and its words.</summary>
    private static string Shape(string text, string label)
    {
        string row = text.Split('\n').Single(line => line.TrimStart().StartsWith(label + ":", StringComparison.Ordinal));
        return string.Concat(row.Select((letter, at) => at > row.IndexOf(':') && (char.IsDigit(letter) || letter == ' ' && NextIsDigit(row, at)) ? '.' : letter));
    }

    private static bool NextIsDigit(string row, int at) => row.AsSpan(at).TrimStart(' ') is { Length: > 0 } rest && char.IsDigit(rest[0]);

    private static string[] Summary(string text) => [.. ProcInterrupts.Parse(text).Named.Select(row => $"{row.Label}")];

    /// <summary>Chips of the running kernel that the twin has too are named in the same form.</summary>
    [LiveFact]
    public void Chip_names_have_the_form_of_the_kernel_this_runs_on()
    {
        static string Form(string chip) => string.Concat(chip.Select(letter => char.IsAsciiHexDigitLower(letter) ? '0' : letter));
        HashSet<string> twin = [.. ProcInterrupts.Read(Machine).Numbered.Select(row => Form(row.Chip!))];
        Assert.Equal(["IO-APIC", "PCI-MSIX-0000:00:00.0"], twin.Order(StringComparer.Ordinal));
        string[] live = [.. ProcInterrupts.Read(new LiveMachine()).Numbered.Select(row => row.Chip ?? "").Where(chip => chip.StartsWith("PCI-MSIX", StringComparison.Ordinal))];
        Assert.All(live, chip => Assert.Contains(Form(chip), twin));
    }
}
