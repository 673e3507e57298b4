using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Networking;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin.Workloads;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// Queueing theory (L. Kleinrock, Queueing Systems, 1975), with r the load and s the mean service time: in M/D/1 a customer waits r/(2(1-r)) s, in M/M/1 it stays
/// s/(1-r), and M/M/1/K loses (1-r)r^K/(1-r^(K+1)). The queue is a socket and the server its task: wire, interrupt, NAPI, wake-up and switch are all there but cost
/// nothing, and a datagram takes its task a nanosecond a byte.
/// </summary>
public class S8Queues
{
    private const int Customers = 2_000_000, MeanBytes = 1000;
    private const long ServicePs = MeanBytes * SimTime.Nanosecond;

    [Theory]
    [InlineData(0.5, 0.5)]
    [InlineData(0.8, 2)]
    [InlineData(0.9, 4.5)]
    [InlineData(0.95, 9.5)]
    public void A_constant_service_makes_customers_wait_as_in_M_D_1(double load, double waits)
    {
        NetDevice device = Run(load, Customers, exponential: false, capacity: 100_000);
        double measured = (device.Latency.Mean - ServicePs) / ServicePs;
        Assert.InRange(measured, waits * 0.97, waits * 1.03);
    }

    [Theory]
    [InlineData(0.5, 2, 1)]
    [InlineData(0.8, 5, 1)]
    [InlineData(0.95, 20, 4)]
    public void An_exponential_service_keeps_customers_as_in_M_M_1(double load, double stays, int times)
    {
        NetDevice device = Run(load, Customers * times, exponential: true, capacity: 100_000);
        Assert.InRange(device.Latency.Mean / ServicePs, stays * 0.97, stays * 1.03);
    }

    /// <summary>
    /// At load 0.95 with 64 places a queue forgets so slowly that two million customers leave 9 % of its loss to chance (one standard deviation). A plain queue is fed the
    /// same customers, and then many more; how far the first of them took it astray they took the socket too, and that is taken off.
    /// </summary>
    [Theory]
    [InlineData(0.5, 8, 0.001957, 1)]
    [InlineData(0.8, 16, 0.005759, 1)]
    [InlineData(0.95, 64, 0.0019456, 20)]
    [InlineData(1.2, 64, 0.16667, 1)]
    [InlineData(2.0, 256, 0.5, 1)]
    public void A_socket_that_holds_K_datagrams_loses_as_M_M_1_K(double load, int capacity, double loss, int times)
    {
        NetDevice device = Run(load, Customers, exponential: true, capacity);
        long same = Losses(load, Customers, capacity);
        Assert.InRange(device.SocketDropped, same * 0.99, same * 1.01);
        double astray = (same - Losses(load, Customers * times, capacity) / (double)times) / Customers;
        double allowed = Math.Max(loss * 0.05, 1e-4);
        Assert.InRange(device.SocketDropped / (double)Customers - astray, loss - allowed, loss + allowed);
    }

    /// <summary>A queue of one server and so many places, the one in service included, worked out customer by customer.</summary>
    private static long Losses(double load, int customers, int capacity)
    {
        var source = new Arrivals(load, customers, exponential: true);
        var departures = new Queue<long>();
        long lost = 0, lastPs = 0;
        var all = new Packet[customers];
        source.Read(all);
        foreach (Packet packet in all)
        {
            while (departures.TryPeek(out long departsPs) && departsPs <= packet.AtPs) departures.Dequeue();
            if (departures.Count == capacity)
            {
                lost++;
                continue;
            }
            lastPs = Math.Max(lastPs, packet.AtPs) + packet.Bytes * SimTime.Nanosecond;
            departures.Enqueue(lastPs);
        }
        return lost;
    }

    private static NetDevice Run(double load, int customers, bool exponential, int capacity)
    {
        var bench = new KernelBench(costs: FreeCosts.But(("copy_per_byte", 1)));
        var options = new NetworkControllerOptions
        {
            Name = "eth0",
            BitsPerSecond = 1_000_000_000_000_000, // the wire adds nothing to the gaps
            MaxQueues = 1,
            Queues = 1,
            RxRing = 4096,
            TxRing = 64,
            RssKey = Toeplitz.MicrosoftKey.ToArray(),
            ModerationKind = ModerationKind.Throttle,
        };
        var device = new NetDevice(bench.Kernel, new NetworkController(options, bench.Function(2), bench.Events), NicModel.Find("ixgbe")!, 0);
        device.Open();
        Assert.Equal(Errno.None, device.SetCoalesce(new CoalesceSettings { RxUsecs = 0 }).Errno);
        device.Controller.Port.SetLongestFrame(int.MaxValue, 0); // a customer's length is how long he is served
        device.Controller.AddFlows(FlowMaker.Make(1, new RandomStream(1, "flows")));
        var server = new ReceiverTask(bench.Kernel, device, "server", CpuMask.Of(0), capacity, workPs: 0) { IsUserTask = true };
        bench.Kernel.AddTask(server, bench.Kernel.Cpus[0]);
        device.Receivers.Add(server);
        device.BindFlows(0, 1, [server]);
        device.Controller.Port.Connect(new Arrivals(load, customers, exponential));
        bench.RunUntil((long)(customers * (ServicePs / load)) + SimTime.Second);
        Assert.Equal(customers, device.RxTaken);
        return device;
    }

    /// <summary>Poisson arrivals of datagrams that all have the mean length, or exponential ones.</summary>
    private sealed class Arrivals(double load, int customers, bool exponential) : IPacketSource
    {
        private readonly RandomStream _gaps = new(1, "gaps"), _lengths = new(1, "lengths");
        private long _atPs;
        private int _left = customers;

        public int Read(Span<Packet> frames)
        {
            int read = 0;
            for (; read < frames.Length && _left > 0; _left--)
            {
                _atPs += (long)(_gaps.NextExponential() * ServicePs / load);
                frames[read++] = new Packet(_atPs, exponential ? (int)Math.Round(_lengths.NextExponential() * MeanBytes) : MeanBytes, 0);
            }
            return read;
        }
    }
}
