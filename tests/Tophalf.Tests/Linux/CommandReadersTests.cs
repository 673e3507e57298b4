using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Linux;

/// <summary>Readers of commands' outputs, logs and smaller files.</summary>
public sealed class CommandReadersTests
{
    [Fact]
    public void Ethtool_prints_the_same_in_json()
    {
        EthtoolText text = EthtoolText.Parse("""[ { "ifname": "eth0", "rx": 256, "rx-max": 4096, "tx-push": false, "cqe": null } ]""");
        EthtoolSection section = Assert.Single(text.Sections);
        Assert.Equal(("eth0", "-g", 256, 4096, "off"), (section.Interface, section.Option, section["rx"]!.Number, section.Maximum("rx")!.Number, section["tx-push"]!.Text));
    }

    [Theory]
    [InlineData("[ { \"ifname\": \"eth0\", ", "1:1: this is no JSON that can be read; give what ethtool --json prints")]
    [InlineData("[ 5 ]", "1:1: JSON, but not an array with an object for each interface; give what ethtool --json prints")]
    [InlineData("hello", "1:1: no line such as \"Ring parameters for eth0:\"; give the text of ethtool's output")]
    public void Ethtool_output_of_another_form_is_refused(string text, string message) =>
        Assert.Equal(message, Assert.Throws<ReaderException>(() => EthtoolText.Parse(text)).Message);

    [Fact]
    public void Lspci_with_details_tells_vectors_and_driver()
    {
        LspciDevice device = Assert.Single(LspciText.Parse("""
            0000:81:00.0 Ethernet controller: Intel Corporation 82599ES (rev 01)
            	Flags: bus master, fast devsel, latency 0, IRQ 56, NUMA node 1
            	Capabilities: [50] MSI: Enable- Count=1/1 Maskable+ 64bit+
            	Capabilities: [70] MSI-X: Enable+ Count=64 Masked-
            	Kernel driver in use: ixgbe

            """).Devices);
        Assert.Equal((56, 64, true, false, "ixgbe", 1), (device.Irq, device.MsixVectors, device.IsMsixEnabled, device.IsMsiEnabled, device.Driver, device.Node));
    }

    [Fact]
    public void Log_of_a_stuck_line_names_the_handlers_that_were_asked()
    {
        KernelLog log = KernelLog.Parse("""
            [   10.1] usb 1-1: new device
            [   11.000001] irq 17: nobody cared (try booting with the "irqpoll" option)
            [   11.000002] Call Trace:
            [   11.000003] handlers:
            [   11.000004] [<00000000abcdef01>] usb_hcd_irq threaded [<0000000012345678>] thread_fn
            [   11.000005] [<00000000abcdef02>] eth_irq
            [   11.000006] Disabling IRQ #17

            """);
        Assert.Equal(7, log.LineCount);
        Assert.Equal(["nobody-cared 17", "line-disabled 17"], log.Lines.Select(line => $"{line.Id} {line.Irq}"));
        Assert.Equal(["usb_hcd_irq threaded [<0000000012345678>] thread_fn", "eth_irq"], log.Lines[0].Handlers.ToArray());
    }

    [Fact]
    public void Trace_pairs_begin_and_end_on_each_cpu()
    {
        TraceText trace = TraceText.Parse("""
            # tracer: nop
            # entries-in-buffer/entries-written: 6/9   #P:2
                      <idle>-0     [000] d.h.  1.000010: irq_handler_exit: irq=5 ret=handled
                      <idle>-0     [000] d.h.  1.000100: irq_handler_entry: irq=5 name=MAL TX EOB
                      bash-12      [001] d.h.  1.000102: irq_handler_entry: irq=5 name=MAL TX EOB
                      bash-12      [001] d.h.  1.000103: irq_handler_exit: irq=5 ret=unhandled
                      <idle>-0     [000] d.h.  1.000107: irq_handler_exit: irq=5 ret=handled
                      <idle>-0     [000] d.h.  1.000150: irq_handler_entry: irq=5 name=MAL TX EOB

            """);
        Assert.Equal(9, trace.Written);
        TraceRow row = Assert.Single(TraceSummary.Of(trace));
        Assert.Equal(("irq", 5, "MAL TX EOB", 3L, 1L, 2L, 8_000L, 7_000L, 50_000L), (row.Kind, row.Number, row.Name, row.Entries, row.Unhandled, row.Timed, row.TotalNs, row.LongestNs, row.ShortestGapNs));
        Assert.Equal(CpuMask.Of(0, 1), row.Cpus);
    }

    [Fact]
    public void Listing_of_grep_is_a_machine()
    {
        SavedTree tree = PathListing.Parse("/proc/irq/24/spurious:count 1\n/proc/irq/24/spurious:unhandled 0\n/proc/irq/24/spurious:last_unhandled 0 ms\nproc/irq/24/node: -1\\n\n");
        Assert.Equal(new SpuriousCounts(1, 0, 0), IrqDirectory.Read(tree)[24]!.Spurious);
        Assert.Equal(Errno.ENOTDIR, Assert.Throws<LinuxException>(() => tree.Read("/proc/irq/24/node/x")).Errno);
        Assert.Equal(Errno.EISDIR, Assert.Throws<LinuxException>(() => tree.Read("/proc/irq")).Errno);
    }

    [Fact]
    public void Smaller_files_are_read()
    {
        Assert.Equal((0.12, 123456L), (ProcPressure.Parse("some avg10=0.12 avg60=0.05 avg300=0.01 total=123456\n").Some!.Value.Avg10, ProcPressure.Parse("full avg10=0.00 avg60=0.00 avg300=0.00 total=123456\n").Full!.Value.TotalUs));
        Assert.Equal(new SchedstatCpu(0, 100, 50, 40, 30, 1000, 2000, 60), Assert.Single(ProcSchedstat.Parse("version 17\ntimestamp 1\ncpu0 0 0 100 50 40 30 1000 2000 60\ndomain0 MC 3 1 2\n").Cpus));
        KernelCommandLine line = KernelCommandLine.Parse("root=/dev/sda1 quiet isolcpus=\"1,2 3\" nohz_full=2-7\n");
        Assert.Equal(("1,2 3", null, true), (line["isolcpus"], line["quiet"], line.Has("quiet")));
        Assert.Equal(["ixgbe"], ProcModules.Parse("mdio 16384 1 ixgbe, Live 0x0000000000000000\n").Modules[0].UsedBy.ToArray());
        KernelThread thread = KernelThreads.Parse(33, "33 (irq/29-eth0 rx)) S 2 0 0 0 -1 2129984 0 0 0 0 7 12 0 0 -51 0 1 0 20 0 0 18446744073709551615 0 0 0 0 0 0 0 2147483647 0 0 0 0 17 3 50 1 0 0 0\n")!;
        Assert.Equal(("irq/29-eth0 rx)", 29, 7L, 12L, 3, 50, 1), (thread.Name, thread.Irq, thread.UserTicks, thread.SystemTicks, thread.Cpu, thread.RealtimePriority, thread.Policy));
        Assert.Null(KernelThreads.Parse(1, "1 (init) S 0 0 0 0\n"));
    }
}
