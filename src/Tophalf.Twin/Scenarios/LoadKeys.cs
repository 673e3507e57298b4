using System.Globalization;
using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Twin.Scenarios;

/// <summary>Reads the keys that several kinds of workload share: arrivals, the application, CPUs, the scheduling policy.</summary>
internal sealed class LoadKeys(ProblemList problems, int cpus)
{
    private const long SlowestMicroHz = 1_000;
    public const long FastestMicroHz = 10_000_000_000_000_000;

    /// <summary>The keys of <see cref="ReadArrivals"/>.</summary>
    public static IReadOnlyList<string> Arrivals { get; } = ["rate", "arrivals", "sigma", "on", "off", "start", "stop"];

    /// <summary>The VLAN of frames with a tag; 0: they have none.</summary>
    public static int ReadVlan(MapReader keys) => keys.Int("vlan", 1, VlanDevice.IdLimit - 1) ?? 0;

    /// <param name="lineRate">Whether "line" is a rate.</param>
    public ArrivalSpec ReadArrivals(MapReader keys, Quantity rate, string example, bool lineRate)
    {
        keys.Require("rate", example);
        bool asFastAsTheLink = lineRate && keys.Has("rate") && keys.Text("rate") == "line";
        ArrivalLaw law = keys.Choice("arrivals", ArrivalLaw.Constant, ("constant", ArrivalLaw.Constant), ("poisson", ArrivalLaw.Poisson),
            ("lognormal", ArrivalLaw.Lognormal), ("onoff", ArrivalLaw.OnOff));
        if (law != ArrivalLaw.Lognormal)
            keys.Refuse("is for lognormal arrivals", "write arrivals: lognormal or leave it out", "sigma");
        if (law == ArrivalLaw.OnOff)
            _ = keys.Require("on", "1ms") & keys.Require("off", "9ms");
        else
            keys.Refuse("is for onoff arrivals", "write arrivals: onoff or leave it out", "on", "off");

        var arrivals = new ArrivalSpec
        {
            RateMicroHz = asFastAsTheLink ? null : keys.Measure("rate", rate, SlowestMicroHz, FastestMicroHz),
            Law = law,
            Sigma = (keys.Measure("sigma", Quantity.FactorPpm, 1_000, (long)(LogNormalArrivals.MaxSigma * 1_000_000)) ?? 1_000_000) / 1e6,
            OnPs = keys.Measure("on", Quantity.DurationPs, 1, ScenarioReader.LongestPs) ?? 0,
            OffPs = keys.Measure("off", Quantity.DurationPs, 1, ScenarioReader.LongestPs) ?? 0,
            StartPs = keys.Measure("start", Quantity.DurationPs, 0, ScenarioReader.LongestPs) ?? 0,
            StopPs = keys.Measure("stop", Quantity.DurationPs, 1, ScenarioReader.LongestPs),
        };
        if (arrivals.StopPs <= arrivals.StartPs)
            keys.Reject("stop", $"is not after start; write more than {Quantity.DurationPs.Format(arrivals.StartPs)}");
        return arrivals;
    }

    /// <summary>The application; null for "app: none". Without the key: one thread per CPU.</summary>
    public AppSpec? ReadApp(YamlMap workload, MapReader workloadKeys)
    {
        YamlNode? written = workload.Entries.FirstOrDefault(entry => entry.Key == "app")?.Value;
        if (written is YamlScalar { Text: "none" })
            return null;
        YamlMap map = workloadKeys.Map("app", "{threads: 4}, or app: none") ?? new YamlMap(workload.At, []);
        var keys = new MapReader(map, "app", problems, "threads", "cpus", "roams", "work", "policy", "spread", "socket", "reply", "reply-scale", "reply-shape", "wait", "busy", "budget", "prefer");
        IReadOnlyList<int> allowed = ReadCpus(keys);
        return new AppSpec
        {
            Threads = keys.Int("threads", 1, 4096) ?? allowed.Count,
            Cpus = allowed,
            Roams = ReadRoams(keys),
            WorkPs = keys.Measure("work", Quantity.DurationPs, 0, ScenarioReader.LongestPs),
            Policy = ReadPolicy(keys),
            Spread = keys.Choice("spread", AppSpread.Flow, ("flow", AppSpread.Flow), ("cpu", AppSpread.Cpu), ("napi", AppSpread.Napi)),
            Wait = ReadWait(keys),
            ReplyBytes = keys.Measure("reply", Quantity.SizeBytes, 64, AppSpec.LongestReply) is { } bytes ? (int)bytes : null,
            ReplyScaleBytes = (int)(keys.Measure("reply-scale", Quantity.SizeBytes, 1, 9018) ?? 0),
            ReplyShape = (keys.Measure("reply-shape", Quantity.FactorPpm, 1_000, 900_000) ?? 500_000) / 1e6,
            SocketDatagrams = keys.Int("socket", 1, 1_000_000) ?? 256,
        };
    }

    /// <summary>Budgets above the weight of a NAPI context are not refused: CAP_NET_ADMIN is taken for granted.</summary>
    private static WaitSettings ReadWait(MapReader keys) => new(
        keys.Choice("wait", WaitCall.Receive, ("recv", WaitCall.Receive), ("epoll", WaitCall.Epoll)),
        keys.Measure("busy", Quantity.DurationPs, 0, SimTime.Second) is { } ps ? (int)(ps / SimTime.Microsecond) : null,
        keys.Int("budget", 1, ushort.MaxValue) ?? WaitSettings.DefaultBudget,
        keys.Choice("prefer", false, ("yes", true), ("no", false)));

    /// <summary>Whether a thread may run on all CPUs it is given, or is pinned to one.</summary>
    public static bool ReadRoams(MapReader keys) => keys.Choice("roams", false, ("yes", true), ("no", false));

    /// <summary>All CPUs of the machine where the key is missing.</summary>
    public IReadOnlyList<int> ReadCpus(MapReader keys)
    {
        if (keys.Text("cpus") is { } text)
        {
            if (CpuList.TryParse(text, cpus, out int[] list, out string? problem))
                return list;
            keys.Reject("cpus", problem);
        }

        return [.. Enumerable.Range(0, cpus)];
    }

    /// <summary>fair, fair:5 (a nice value), batch, idle, fifo:50, rr:50, deadline:10ms/100ms.</summary>
    public static PolicySpec ReadPolicy(MapReader keys)
    {
        if (keys.Text("policy") is not { } text) return default;
        string[] words = text.Split(':', 2);
        if (words.Length == 1)
        {
            switch (text)
            {
                case "fair": return default;
                case "batch": return new PolicySpec(SchedulingPolicy.Batch);
                case "idle": return new PolicySpec(SchedulingPolicy.Idle);
            }
        }
        else if (int.TryParse(words[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
        {
            if (words[0] is "fifo" && number is >= 1 and <= 99) return PolicySpec.Fifo(number);
            if (words[0] is "rr" && number is >= 1 and <= 99) return new PolicySpec(SchedulingPolicy.RoundRobin, number);
            if (words[0] is "fair" && number is >= -20 and <= 19) return new PolicySpec(SchedulingPolicy.Fair, Nice: number);
        }
        else if (words[0] is "deadline" && words[1].Split('/') is [var runtime, var period]
            && SimTime.TryParse(runtime, out long runtimePs) && SimTime.TryParse(period, out long periodPs) && runtimePs > 0 && runtimePs <= periodPs && periodPs <= SimTime.Second)
        {
            return new PolicySpec(SchedulingPolicy.Deadline, Promised: new DeadlineParameters(runtimePs, periodPs, periodPs));
        }
        keys.Reject("policy",
            $"{Wording.Quote(text)} is not a scheduling policy; write fair, fair:5 (nice), batch, idle, fifo:50, rr:50 (priority, 1 to 99), or deadline:10ms/100ms (runtime, period)");
        return default;
    }
}
