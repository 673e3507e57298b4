using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// Receive livelock (J. Mogul and K. Ramakrishnan, USENIX 1996; TOCS 15(3), 1997): what a router forwards at ever higher load, with drivers that interrupt for each packet and
/// with polling, with and without a process that filters. The paper's polling thread is a threaded NAPI context at a real-time priority, its cycle limit SCHED_DEADLINE.
/// Fitted: the costs of scenarios/published/router1996.costs, on the two peaks.
/// </summary>
public class S10Livelock
{
    private const string Interrupting = "{model: lance}";
    private const string Filter = "app: {threads: 1, socket: 32}";

    [Fact]
    public void What_is_forwarded_rises_to_one_peak_and_falls_to_less_than_sixty_percent_of_it()
    {
        double[] curve = Curve(Router(), 1000, 2000, 3000, 4000, 4444, 5000, 6000, 8000, 10_000, 13_300);
        int peak = Array.IndexOf(curve, curve.Max());
        Assert.InRange(curve[peak], 4100, 4700);
        for (int i = 1; i < curve.Length; i++) Assert.True(i <= peak ? curve[i] > curve[i - 1] : curve[i] < curve[i - 1]);
        Assert.InRange(curve[^1], 0, 0.6 * curve[peak]);
    }

    [Fact]
    public void With_a_filter_process_nothing_is_forwarded_from_three_times_the_peak_load_on()
    {
        double[] curve = Curve(Router(filters: true), 1500, 2000, 2500, 3 * 2500, 10_000, 14_000);
        double peak = curve.Max();
        Assert.InRange(peak, 1900, 2400);
        Assert.All(curve[3..], rate => Assert.InRange(rate, 0, 0.02 * peak));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(10)]
    public void Polling_in_small_portions_keeps_the_peak_at_every_load_above_it(int quota)
    {
        double[] curve = Curve(Router(Polling($", weight: {quota}")), 4500, 5000, 6000, 8000, 11_000, 14_000);
        Assert.All(curve, rate => Assert.InRange(rate, 0.9 * curve.Max(), curve.Max()));
    }

    [Fact]
    public void Polling_without_a_quota_never_comes_to_what_was_sent_and_forwards_nothing()
    {
        double[] curve = Curve(Router(Polling(", weight: 1000000")), 4000, 6700);
        Assert.InRange(curve[1], 0, 0.1 * curve[0]);
    }

    [Fact]
    public void With_a_filter_process_polling_alone_starves_it_and_feedback_does_not()
    {
        double[] alone = Curve(Router(Polling(", weight: 5, policy: \"fifo:50\""), filters: true, threaded: true), 2000, 8300);
        Assert.InRange(alone[1], 0, 0.2 * alone[0]);
        double[] fed = Curve(Router(Polling(", weight: 5, policy: \"fifo:50\", feedback: yes"), filters: true, threaded: true), 2100, 3000, 6000, 8300, 14_000);
        Assert.All(fed, rate => Assert.InRange(rate, 0.9 * fed.Max(), fed.Max()));
        Assert.InRange(fed.Max(), 0.9 * alone[0], 2400);
    }

    [Theory]
    [InlineData(25)]
    [InlineData(50)]
    [InlineData(75)]
    public void A_cycle_limit_leaves_the_rest_to_a_user_process_under_any_load(int percent)
    {
        // Nine tenths of the limit for the card that receives, one for the card that sends.
        string In(int tenths) => Polling($", weight: 5, policy: \"deadline:{percent * tenths * 10}us/10ms\"");
        string yaml = Router(Interrupting, threaded: true).Replace($"eth0: {Interrupting}", $"eth0: {In(9)}", StringComparison.Ordinal)
            .Replace($"eth1: {Interrupting}", $"eth1: {In(1)}", StringComparison.Ordinal)
            .Replace("tuning:", "  - task: {name: user, cpus: \"0\", busy: 100%}\ntuning:", StringComparison.Ordinal);
        foreach (int load in new[] { 500, 1000, 2000, 3000, 4000, 8000, 14_000 })
        {
            double user = Run(yaml, load).Report.Cpus[0].UserPct;
            Assert.InRange(user, 100 - percent - 5, load >= 4000 ? 100 - percent + 5 : 100);
        }
    }

    private static string Polling(string more) => $"{{model: e1000e, link: 10Mb/s, ring: 64, rx-usecs: 0{more}}}";

    private static string Router(string card = Interrupting, bool filters = false, bool threaded = false)
    {
        string yaml = File.ReadAllText(Path).Replace(Interrupting, card, StringComparison.Ordinal);
        if (filters) yaml = yaml.Replace("app: none", Filter, StringComparison.Ordinal);
        if (threaded) yaml = yaml.Replace("tuning: ", "tuning: echo 1 > /sys/class/net/eth0/threaded; echo 1 > /sys/class/net/eth1/threaded; ", StringComparison.Ordinal);
        return yaml;
    }

    private static string Path => TwinRuns.Shipped("scenarios/published/s10-livelock.yaml");

    private static double[] Curve(string yaml, params int[] loads) => [.. loads.Select(load => Run(yaml, load).Forwarded)];

    private static (RunReport Report, double Forwarded) Run(string yaml, int load)
    {
        long forwarded = 0;
        Scenario scenario = ScenarioFile.Parse(yaml.Replace("9000pps", $"{load}pps", StringComparison.Ordinal), Path);
        RunReport report = TwinRunner.Run(scenario, new RunOptions(), witness: machine => forwarded = machine.NetDevices[0].Forwarded);
        return (report, forwarded / report.SimulatedS);
    }
}
