using Tophalf.Hardware;
using Tophalf.Kernel.Irq;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// The figures that introductions to interrupts use: 100 ns on the bus, 50 ns in the local APIC, under 10 ns to the instruction boundary, 50 ns for gate and stack,
/// 100 ns of kernel entry, 200 to 500 ns altogether; 1 to 3 us for an interrupt, so that 100 000 a second cost 10 to 30 % of a core; and
/// 100 000 unhandled interrupts before a line is cut (kernel/irq/spurious.c).
/// </summary>
public class S24Textbook
{
    private const string Awake = "  - task: {name: hog, cpus: \"0\", busy: 100%}\n";

    [Theory]
    [InlineData("")]
    [InlineData(Awake)]
    public void From_device_to_handler_takes_the_textbook_five_parts(string alsoRunning)
    {
        RunReport report = TwinRuns.Run($$"""
            machine: {cores: 1, costs: textbook}
            devices:
              eth0: {model: mlx5, queues: 1, rx-usecs: 0, rx-frames: 0}
            workloads:
              - packets: {to: eth0, rate: 1kpps, app: none}
            {{alsoRunning}}run: 5ms
            """, new RunOptions { Follow = "eth0" });

        long[] parts = [Cost(report, "reached the root complex"), Cost(report, "IRR bit"), Cost(report, "instruction boundary"),
            Cost(report, "frame pushed"), Cost(report, "irq_enter")];
        Assert.Equal([100, 50, 5, 50, 100], parts);
        HopSummary followed = report.Followed!.Value;
        Assert.Equal(305, (followed.KernelEntryPs - followed.RaisedPs) / SimTime.Nanosecond);
        Assert.InRange((followed.HandlerEntryPs - followed.RaisedPs) / SimTime.Nanosecond, 305, 500);
    }

    private static long Cost(RunReport report, string what) => Assert.Single(report.Hops, hop => hop.What.Contains(what)).CostPs / SimTime.Nanosecond;

    [Fact]
    public void A_hundred_thousand_interrupts_of_a_device_cost_ten_to_thirty_percent_of_a_core()
    {
        RunReport report = TwinRuns.Run("""
            machine: {cores: 1, costs: textbook}
            devices:
              accel: {model: line, chip: msix}
            workloads:
              - interrupts: {to: accel, rate: 100k/s}
            run: 200ms
            """);
        Assert.InRange(report.Interrupts[^1].Total, 19_999, 20_000);
        Assert.InRange(100 - report.Cpus[0].IdlePct, 10, 30);
    }

    [Fact]
    public void A_hundred_thousand_interrupts_of_a_network_card_take_two_microseconds_each()
    {
        RunReport report = TwinRuns.Run("""
            machine: {cores: 1, costs: textbook}
            devices:
              eth0: {model: mlx5, queues: 1, rx-usecs: 0, rx-frames: 0}
            workloads:
              - packets: {to: eth0, rate: 100kpps, app: none}
            run: 200ms
            """);
        Assert.InRange(report.Interrupts.Sum(line => line.Total), 19_998, 20_000);
        Assert.InRange(report.Cpus[0].HardirqPct, 20.0, 20.2);
        Assert.InRange(100 - report.Cpus[0].IdlePct, 20, 30);
    }

    [Fact]
    public void A_line_that_nobody_answers_is_cut_at_interrupt_one_hundred_thousand()
    {
        var bench = new KernelBench(costs: CostSet.BuiltIn("textbook"));
        var (device, line) = bench.Message();
        int calls = 0;
        bench.Irqs.RequestIrq(line.Irq, (_, _) =>
        {
            calls++;
            return IrqReturn.None;
        }, IrqFlags.None, "dev", bench);
        device.Start(new ConstantArrivals(10_000), new RandomStream(1, "dev"), 0);

        bench.RunUntil(10 * SimTime.Second - SimTime.Nanosecond);
        Assert.Equal((99_999, 0), (calls, line.Depth));
        bench.RunUntil(11 * SimTime.Second);
        Assert.Equal((100_000, 1), (calls, line.Depth));
        Assert.Equal(100_000u, line.CountOn(0));
        Assert.Equal(
            [$"irq {line.Irq}: nobody cared (try booting with the \"irqpoll\" option)", "handlers:", $"Disabling IRQ #{line.Irq}"],
            bench.Log.Where(text => !text.StartsWith("[<", StringComparison.Ordinal)));
        Assert.StartsWith("count 0\nunhandled 0\n", bench.Read($"/proc/irq/{line.Irq}/spurious"));
    }
}
