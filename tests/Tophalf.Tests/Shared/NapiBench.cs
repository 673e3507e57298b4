using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Networking;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Twin.Workloads;
using Xunit;

namespace Tophalf.Tests.Shared;

/// <summary>A network card with its driver on a bench, whose every packet the test places in the queue it wants. Nobody receives; the stack drops.</summary>
internal sealed class NapiBench
{
    private readonly KernelBench _bench;
    private readonly int[] _flowOfQueue;

    public NapiBench(KernelBench bench, string model, int queues, uint rxUsecs)
    {
        _bench = bench;
        NicModel nic = NicModel.Find(model)!;
        if (nic.OffersCoalescing is not null) nic = nic with { OffersCoalescing = true };
        var options = new NetworkControllerOptions
        {
            Name = "eth0",
            BitsPerSecond = 1_000_000_000_000,
            MaxQueues = queues,
            Queues = queues,
            RxRing = 1024,
            TxRing = 64,
            RssKey = Toeplitz.MicrosoftKey.ToArray(),
            ModerationKind = nic.Moderation,
            FirstEntry = nic.OtherFirst ? 1 : 0,
            HasTransmitEntries = nic.TransmitAction is not null,
            Rank = 1 << 12,
        };
        var controller = new NetworkController(options, bench.Function(nic.Entries(queues)), bench.Events);
        Device = new NetDevice(bench.Kernel, controller, nic, 0);
        Device.Open();
        Assert.Equal(Errno.None, Device.SetCoalesce(new CoalesceSettings { AdaptiveRx = nic.Coalescing.AdaptiveRx is null ? null : false, RxUsecs = rxUsecs, RxFrames = nic.HasFrames ? 0 : null }).Errno);
        const int flows = 64;
        controller.AddFlows(FlowMaker.Make(flows, new RandomStream(1, "flows")));
        Device.BindFlows(0, flows, []);
        _flowOfQueue = [.. Enumerable.Range(0, queues).Select(queue => Enumerable.Range(0, flows).First(flow => controller.QueueOf(flow) == queue))];
    }

    public NetDevice Device { get; }
    public long Interrupts => Device.Raised;
    public long Polls => Device.Napis.Sum(napi => napi.Polls);

    /// <summary>Packets for one queue, back to back on a wire so fast that a thousand take 0.7 us.</summary>
    public void Burst(int queue, int packets, long atPs) => Device.Controller.Port.Connect(new Train(_flowOfQueue[queue], packets, atPs));

    /// <summary>So many packets for each queue in turn.</summary>
    public void BurstToAll(int packets, long atPs)
    {
        for (int queue = 0; queue < _flowOfQueue.Length; queue++) Burst(queue, packets, atPs);
    }

    public void Run() => _bench.RunFor(100 * SimTime.Millisecond);

    private sealed class Train(int flow, int packets, long atPs) : IPacketSource
    {
        private int _left = packets;

        public int Read(Span<Packet> frames)
        {
            int read = Math.Min(frames.Length, _left);
            frames[..read].Fill(new Packet(atPs, 64, flow));
            _left -= read;
            return read;
        }
    }
}
