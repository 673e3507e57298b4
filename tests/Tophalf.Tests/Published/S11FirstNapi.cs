using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// The first NAPI measurements (Documentation/networking/NAPI_HOWTO.txt): a million packets offered to a router at three rates, how many it forwarded, and
/// with how many receive interrupts. Fitted: the two costs of scenarios/published/napi2001.costs.
/// </summary>
public class S11FirstNapi
{
    private const long Offered = 1_000_000;

    [Theory]
    [InlineData(60, 890_000, 409_362)]
    [InlineData(256, 445_632, 774_646)]
    public void Under_overload_a_router_forwards_what_it_can_almost_without_interrupts(int bytes, int rate, int forwarded)
    {
        RunReport report = Row(bytes, rate);
        Assert.InRange(report.Devices[0].RxPackets, forwarded * 0.94, forwarded * 1.06);
        Assert.InRange(report.Devices[0].Interrupts, 1, 100);
    }

    [Fact]
    public void Below_its_capacity_nearly_every_packet_interrupts_and_none_is_lost()
    {
        RunReport report = Row(1024, 119_061);
        Assert.Equal(0, report.Devices[0].RxDropped);
        Assert.InRange(report.Devices[0].RxPackets, Offered - 2, Offered);
        Assert.InRange(report.Devices[0].Interrupts / (double)Offered, 0.8, 1);
    }

    private static RunReport Row(int bytes, int rate)
    {
        string path = TwinRuns.Shipped("scenarios/published/s11-first-napi.yaml");
        // Lengths in the table are without the frame check sequence.
        string yaml = File.ReadAllText(path).Replace("890000pps, size: 64", $"{rate}pps, size: {bytes + 4}", StringComparison.Ordinal);
        return TwinRunner.Run(ScenarioFile.Parse(yaml, path), new RunOptions { ForPs = (long)((Int128)Offered * SimTime.Second / rate) });
    }
}
