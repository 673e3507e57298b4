using Tophalf.Hardware.Devices;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin.Reports;
using Tophalf.Twin.Workloads;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// Interrupt coalescing under Poisson arrivals of L packets a second, in closed form; count- and time-based schemes are compared
/// in K. Salah, "To Coalesce or Not To Coalesce", AEU 61(4), 2007. With x = L·T:
/// <code>
///   count N      L/N interrupts/s             mean delay (N-1)/(2L)
///   timer T      L/(1+x)                      T(1+x/2)/(1+x)
///   throttle T   L/(x+e^-x)                   (L T²/2)/(x+e^-x)
/// </code>
/// A driver that costs nothing takes all packets at the raise, so what is measured is the controller.
/// </summary>
public class S6Coalescing
{
    private const long Packets = 1_000_000;

    [Theory]
    [InlineData(10_000, 50, 6667, 41.67)]
    [InlineData(100_000, 50, 16_667, 29.17)]
    [InlineData(500_000, 50, 19_231, 25.96)]
    [InlineData(100_000, 128, 7246, 68.64)]
    [InlineData(1_000_000, 8, 111_111, 4.444)]
    public void A_timer_from_the_first_packet_gives_the_rate_and_delay_of_its_formula(int rate, int us, double interrupts, double delayUs) =>
        Compare(ModerationKind.FromFirstPacket, us, frames: 0, rate, interrupts, delayUs);

    [Theory]
    [InlineData(10_000, 125, 6508, 50.85)]
    [InlineData(50_000, 125, 7998, 62.48)]
    [InlineData(100_000, 50, 19_973, 24.97)]
    [InlineData(1_000_000, 128, 7812.5, 64.0)]
    public void A_throttle_gives_the_rate_and_delay_of_its_formula(int rate, int us, double interrupts, double delayUs) =>
        Compare(ModerationKind.Throttle, us, frames: 0, rate, interrupts, delayUs);

    [Theory]
    [InlineData(100_000, 8)]
    [InlineData(1_000_000, 64)]
    public void A_count_alone_gives_one_interrupt_for_so_many_packets(int rate, int frames) =>
        Compare(ModerationKind.FromFirstPacket, us: 0, frames, rate, rate / (double)frames, (frames - 1) / (2.0 * rate) * 1e6);

    [Fact]
    public void Without_moderation_every_packet_interrupts_and_none_waits() => Compare(ModerationKind.FromFirstPacket, us: 0, frames: 0, 100_000, 100_000, 0);

    private static void Compare(ModerationKind kind, int us, int frames, int rate, double interrupts, double delayUs)
    {
        var bench = new KernelBench(costs: FreeCosts.But());
        var driver = new BareDriver(bench, kind, new Moderation(kind, us * SimTime.Microsecond, frames));
        driver.Controller.AddFlows(FlowMaker.Make(1, new RandomStream(1, "flows")));
        driver.Controller.Port.Connect(new SyntheticPackets(new PoissonArrivals(rate), 1, "packets", 64, 0, 1, 0, SimTime.Never / 2));
        bench.RunUntil(Packets * SimTime.Second / rate);

        Assert.InRange(driver.Packets, Packets * 0.99, Packets * 1.01);
        double measured = TwinRuns.PerSecond(driver.Interrupts, bench.NowPs);
        Assert.InRange(measured, interrupts * 0.99, interrupts * 1.01);
        double measuredUs = driver.Delay.Mean / SimTime.Microsecond;
        Assert.InRange(measuredUs, delayUs * 0.98, delayUs * 1.02);
    }

    /// <summary>
    /// The same through driver, NAPI and stack with what they cost. A throttle counts from raise to raise, so it stays; a timer starts with the first packet that the
    /// work of the last interrupt did not absorb, so that work counts like timer.
    /// </summary>
    [Theory]
    [InlineData("ixgbe", "rx-usecs: 125", 10, 6508)]
    [InlineData("ixgbe", "rx-usecs: 125", 50, 7998)]
    [InlineData("ixgbe", "rx-usecs: 50", 100, 19_973)]
    public void A_throttle_keeps_its_rate_on_a_twin_with_the_costs_of_a_server(string model, string moderation, int kpps, double interrupts) =>
        Assert.InRange(InterruptsPerSecond(Twin(model, moderation, kpps)), interrupts * 0.98, interrupts * 1.02);

    [Theory]
    [InlineData(50, 100)]
    [InlineData(128, 100)]
    [InlineData(50, 10)]
    public void A_timer_on_a_twin_is_lengthened_by_the_work_of_its_interrupt(int us, int kpps)
    {
        RunReport report = Twin("bnxt", $"rx-usecs: {us}, rx-frames: 0", kpps);
        CostSet costs = CostSet.BuiltIn(report.Costs);
        double busyS = (100 - report.Cpus[0].IdlePct) / 100 * report.SimulatedS / report.Devices[0].Interrupts;
        double wayS = (costs.Ps("bus_message") + costs.Ps("apic_accept") + costs.Ps("idle_exit")) / (double)SimTime.Second;
        double rate = kpps * 1000;
        double expected = rate / (1 + rate * (us * 1e-6 + busyS + wayS));
        Assert.InRange(InterruptsPerSecond(report), expected * 0.98, expected * 1.02);
    }

    private static RunReport Twin(string model, string moderation, int kpps) => TwinRuns.Run($$"""
        machine: {cores: 1}
        devices:
          eth0: {model: {{model}}, link: 100Gb/s, queues: 1, {{moderation}}}
        workloads:
          - packets: {to: eth0, rate: {{kpps}}kpps, arrivals: poisson, app: none}
        run: 4s
        """);

    private static double InterruptsPerSecond(RunReport report) => report.Devices[0].Interrupts / report.SimulatedS;
}
