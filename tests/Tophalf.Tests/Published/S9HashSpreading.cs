using Tophalf.Hardware.Devices;
using Tophalf.Simulation;
using Tophalf.Twin.Workloads;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// N random flows on Q queues by RSS: Q(1-(1-1/Q)^N) queues are expected to be in use, and the busiest has the share a simulation of
/// balls in bins gives. Means over 200 sets of flows.
/// </summary>
public class S9HashSpreading
{
    private const int Sets = 200, Queues = 8;

    [Theory]
    [InlineData(8, 5.25, 2.59)]
    [InlineData(16, 7.06, 4.21)]
    [InlineData(32, 7.89, 7.05)]
    [InlineData(64, 8.00, 12.2)]
    [InlineData(256, 8.00, 40.3)]
    public void Flows_fall_on_queues_as_balls_into_bins(int flows, double occupied, double busiest)
    {
        var toeplitz = new Toeplitz(Toeplitz.MicrosoftKey);
        double used = 0, most = 0;
        for (int set = 0; set < Sets; set++)
        {
            var perQueue = new int[Queues];
            foreach (FlowKey flow in FlowMaker.Make(flows, new RandomStream((ulong)set, "flows"))) perQueue[(toeplitz.Hash(flow, withPorts: true) & 127) % Queues]++;
            used += perQueue.Count(count => count > 0) / (double)Sets;
            most += perQueue.Max() / (double)Sets;
        }
        Assert.InRange(used, occupied * 0.95, occupied * 1.05);
        Assert.InRange(most, busiest * 0.95, busiest * 1.05);
    }
}
