using Tophalf.Hardware.Devices;
using Tophalf.Hardware.Pci;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin.Workloads;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// Interrupts without mitigation, after J. Mogul and K. Ramakrishnan, "Eliminating Receive Livelock in an Interrupt-driven Kernel", USENIX 1996, and
/// K. Salah and K. Elbadawi's models of interrupt-driven hosts (Globecom 2003). Every packet costs c in the interrupt, which preempts the
/// p of protocol work behind a queue of 50:
/// <code>
///   CPU share of interrupts             min(1, L c)
///   interrupts/s, source masked in its handler   L/(1 + L c)
///   packets/s delivered                 min(L, (1 - L c)/p), 0 from 1/c on; at most 1/(c + p)
/// </code>
/// NAPI would mitigate this, so the host is built of a handler, a queue and a task.
/// </summary>
public class S7Livelock
{
    private const double PeakPerSecond = 1 / (60e-6 + 150e-6);

    [Theory]
    [InlineData(10_000, 0.05)]
    [InlineData(100_000, 0.5)]
    [InlineData(150_000, 0.75)]
    [InlineData(300_000, 1)]
    public void Handlers_take_their_cost_times_the_packet_rate_of_the_processor(int rate, double share)
    {
        var host = new Host(FreeCosts.But(), rate, interruptPs: 5 * SimTime.Microsecond, protocolPs: 0);
        host.Bench.RunUntil(SimTime.Second);
        Assert.InRange(host.Bench.Kernel.Cpus[0].Time[CpuClass.Irq] / (double)SimTime.Second, share * 0.98, share * 1.02);
    }

    [Theory]
    [InlineData(10_000, 9524)]
    [InlineData(100_000, 66_667)]
    [InlineData(1_000_000, 166_667)]
    public void A_source_masked_while_its_handler_runs_is_absorbed_in_part(int rate, double interrupts)
    {
        var bench = new KernelBench(costs: FreeCosts.But());
        var driver = new BareDriver(bench, ModerationKind.FromFirstPacket, default, handlerPs: 5 * SimTime.Microsecond);
        driver.Controller.AddFlows(FlowMaker.Make(1, new RandomStream(1, "flows")));
        driver.Controller.Port.Connect(new SyntheticPackets(new PoissonArrivals(rate), 1, "packets", 64, 0, 1, 0, SimTime.Never / 2));
        bench.RunUntil(SimTime.Second);

        Assert.InRange(driver.Interrupts, interrupts * 0.98, interrupts * 1.02);
        double share = bench.Kernel.Cpus[0].Time[CpuClass.Irq] / (double)SimTime.Second;
        Assert.InRange(share, interrupts * 5e-6 * 0.98, interrupts * 5e-6 * 1.02);
    }

    [Theory]
    [InlineData(4000, 4000)]
    [InlineData(4500, 4500)]
    [InlineData(5000, 4667)]
    [InlineData(6000, 4267)]
    [InlineData(8000, 3467)]
    [InlineData(10_000, 2667)]
    [InlineData(12_000, 1867)]
    [InlineData(14_000, 1067)]
    public void Delivery_falls_with_the_load_past_its_peak(int offered, double delivered) =>
        Assert.InRange(DeliveredPerSecond(offered), delivered * 0.98, delivered * 1.02);

    [Fact]
    public void The_peak_lies_where_interrupt_and_protocol_fill_the_processor()
    {
        double[] around = [.. new[] { 4200, 4600, 4762, 4900, 5400 }.Select(DeliveredPerSecond)];
        Assert.InRange(around.Max(), PeakPerSecond * 0.97, PeakPerSecond * 1.005);
        Assert.True(around[0] < around.Max() && around[^1] < around.Max());
    }

    [Theory]
    [InlineData(17_500)]
    [InlineData(30_000)]
    public void Nothing_is_delivered_when_interrupts_take_the_whole_processor(int offered) =>
        Assert.InRange(DeliveredPerSecond(offered), 0, PeakPerSecond * 0.005);

    private static double DeliveredPerSecond(int offered)
    {
        CostSet costs = CostSet.BuiltIn("livelock1996");
        var host = new Host(costs, offered, costs.Ps("top_half"), costs.Ps("rx_driver"));
        const long run = 40 * SimTime.Second;
        host.Bench.RunUntil(run);
        Assert.InRange(host.Arrived, offered * 40 * 0.98, offered * 40 * 1.02);
        return TwinRuns.PerSecond(host.Protocol.Delivered, run);
    }

    /// <summary>An interface without a ring: every packet interrupts, costs its part in the handler and goes into a queue of 50, or is lost there.</summary>
    private sealed class Host
    {
        private const int QueueLimit = 50;
        private readonly PoissonArrivals _arrivals;
        private readonly RandomStream _random = new(7, "packets");
        private readonly MsixTable _msix;
        private readonly CallbackEvent _arrival;
        private int _atInterface;

        public Host(CostSet costs, int rate, long interruptPs, long protocolPs)
        {
            Bench = new KernelBench(costs: costs);
            Protocol = new ProtocolTask(protocolPs);
            Bench.Kernel.AddTask(Protocol, Bench.Kernel.Cpus[0]);
            PciFunction function = Bench.Function(1);
            _msix = function.Msix;
            IrqDesc line = Bench.Irqs.AddMessage(new MsixChip(function), 0);
            Assert.Equal(0, Bench.Irqs.RequestIrq(line.Irq, (_, _) => Handle(interruptPs, hasProtocol: protocolPs > 0), IrqFlags.None, "le0", this));
            _arrivals = new PoissonArrivals(rate);
            _arrival = new CallbackEvent(Arrive);
            Bench.Events.Schedule(_arrival, _arrivals.NextGapPs(_random));
        }

        public KernelBench Bench { get; }
        public ProtocolTask Protocol { get; }
        public long Arrived { get; private set; }

        private void Arrive(long nowPs)
        {
            Arrived++;
            _atInterface++;
            _msix.Raise(0, nowPs);
            Bench.Events.Schedule(_arrival, nowPs + _arrivals.NextGapPs(_random));
        }

        private IrqReturn Handle(long interruptPs, bool hasProtocol)
        {
            Cpu cpu = Bench.Kernel.CurrentCpu!;
            for (; _atInterface > 0; _atInterface--)
            {
                cpu.Spend(interruptPs);
                if (!hasProtocol || Protocol.Waiting >= QueueLimit) continue;
                Protocol.Waiting++;
                Bench.Kernel.Wake(Protocol, cpu, cpu.LocalPs);
            }
            return IrqReturn.Handled;
        }
    }

    /// <summary>Takes one packet after the other from the queue.</summary>
    private sealed class ProtocolTask(long packetPs) : KernelTask("netisr", CpuMask.Of(0))
    {
        private long _donePs;
        private bool _inPacket;

        public int Waiting { get; set; }
        public long Delivered { get; private set; }

        protected override long PlanBody(long nowPs) => nowPs + (_inPacket ? packetPs - _donePs : 0);

        protected override void AdvanceBody(long fromPs, long toPs, CpuTime time)
        {
            time.Add(CpuClass.System, toPs - fromPs);
            _donePs += toPs - fromPs;
        }

        protected override void FinishBody(Cpu cpu, long nowPs)
        {
            if (_inPacket) Delivered++;
            _donePs = 0;
            _inPacket = Waiting > 0;
            if (_inPacket)
            {
                Waiting--;
                cpu.Continue(nowPs);
            }
            else Block(cpu, nowPs);
        }
    }
}
