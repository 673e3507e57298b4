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

    [Theory]
    [InlineData(0.5, 8, 0.001957, 0.05)]
    [InlineData(0.8, 16, 0.005759, 0.05)]
    [InlineData(0.95, 64, 0.0019456, 0.15)] // such a queue forgets so slowly that two million customers do not pin its loss down closer
    [InlineData(1.2, 64, 0.16667, 0.05)]
    [InlineData(2.0, 256, 0.5, 0.05)]
    public void A_socket_that_holds_K_datagrams_loses_as_M_M_1_K(double load, int capacity, double loss, double within)
    {
        NetDevice device = Run(load, Customers, exponential: true, capacity);
        double lost = device.SocketDropped / (double)device.RxTaken;
        double allowed = Math.Max(loss * within, 1e-4);
        Assert.InRange(lost, loss - allowed, loss + allowed);
        // And as the same customers do in a queue that is nothing else.
        Assert.InRange(device.SocketDropped, Losses(load, capacity) * 0.99, Losses(load, capacity) * 1.01);
    }

    /// <summary>A queue of one server and so many places, the one in service included, worked out customer by customer.</summary>
    private static long Losses(double load, int capacity)
    {
        var source = new Arrivals(load, Customers, exponential: true);
        var departures = new Queue<long>();
        long lost = 0, lastPs = 0;
        while (source.TryNext(out Packet packet))
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
        device.Controller.AddFlows(FlowMaker.Make(1, new RandomStream(1, "flows")));
        var server = new ReceiverTask(bench.Kernel, device, "server", CpuMask.Of(0), capacity, workPs: 0) { IsUserTask = true };
        bench.Kernel.AddTask(server, bench.Kernel.Cpus[0]);
        device.Receivers.Add(server);
        device.BindFlows(0, 1, [server]);
        device.Controller.Connect(new Arrivals(load, customers, exponential));
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

        public bool TryNext(out Packet packet)
        {
            _atPs += (long)(_gaps.NextExponential() * ServicePs / load);
            packet = new Packet(_atPs, exponential ? (int)Math.Round(_lengths.NextExponential() * MeanBytes) : MeanBytes, 0);
            return _left-- > 0;
        }
    }
}
