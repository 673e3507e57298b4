using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling.Idle;

/// <summary>An idle table is not what it should be; the message is <c>FILE:LINE:COL: what is wrong; what to write instead</c>.</summary>
public sealed class IdleTableException(string message) : Exception(message);

/// <summary>
/// The idle states of a processor, shallowest first, read from a table (costs/*.idle): <c>state NAME exit UNIT residency UNIT mwait|hlt source</c>.
/// </summary>
public sealed class IdleTable
{
    private const string ResourcePrefix = "idle/", Extension = ".idle";
    private const int MaxChars = 64 * 1024, MaxStates = 10; // CPUIDLE_STATE_MAX

    private IdleTable(string name, IReadOnlyList<IdleState> states)
    {
        Name = name;
        States = states;
    }

    public string Name { get; }

    /// <summary>The idle driver that brought it, which shows in sysfs; null where processors halt or poll without one.</summary>
    public string? Driver { get; private init; }

    /// <summary>At least one; exit latency and residency rise.</summary>
    public IReadOnlyList<IdleState> States { get; }

    /// <summary>What the idle loop has to choose from: with a driver the first is polling (cpuidle_poll_state_init).</summary>
    internal IReadOnlyList<IdleState> WithPolling => Driver is null || States[0] == Poll.States[0] ? States : [Poll.States[0], .. States];

    /// <summary>HLT alone, with the exit latency of a cost set: a virtual machine, or a board with idle states off.</summary>
    public static IdleTable Halt(long exitPs) => new("halt", [new IdleState("C1", exitPs, exitPs, WatchesNeedResched: false)]);

    /// <summary>idle=poll: the processor never stops, looks for work, and takes no time to come back.</summary>
    public static IdleTable Poll { get; } = new("poll", [new IdleState("POLL", 0, 0, WatchesNeedResched: true)]);

    /// <summary>The haltpoll driver's: a virtual machine polls before it halts (drivers/cpuidle/cpuidle-haltpoll.c).</summary>
    public static IdleTable HaltPoll(long exitPs) => new("haltpoll", [Poll.States[0], new IdleState("haltpoll idle", exitPs, exitPs, WatchesNeedResched: false) { DeclaredPs = SimTime.Microsecond }]) { Driver = "haltpoll" };

    /// <summary>The shallowest of its states alone.</summary>
    internal IdleTable UpTo(int states) => new(Name, [.. States.Take(states)]) { Driver = Driver };

    /// <summary>The tables that come with the program.</summary>
    public static IReadOnlyList<string> BuiltInNames { get; } =
    [
        .. typeof(IdleTable).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            .Select(name => name[ResourcePrefix.Length..^Extension.Length]).Order(StringComparer.Ordinal),
    ];

    /// <summary>The table of this name that comes with the program; null if there is none.</summary>
    public static IdleTable? BuiltIn(string name)
    {
        using Stream? stream = typeof(IdleTable).Assembly.GetManifestResourceStream(ResourcePrefix + name + Extension);
        if (stream is null) return null;
        using var text = new StreamReader(stream);
        return Parse(text, name);
    }

    /// <exception cref="IdleTableException">The table is wrong.</exception>
    public static IdleTable Parse(TextReader text, string name)
    {
        char[] chars = new char[MaxChars + 1];
        int length = text.ReadBlock(chars);
        string file = name + Extension;
        if (length > MaxChars) throw new IdleTableException($"{file}:1:1: the table is longer than {MaxChars} characters; leave out what is no state");
        var states = new List<IdleState>();
        int number = 0;
        foreach (string line in new string(chars, 0, length).Split('\n'))
        {
            number++;
            if (line.AsSpan().TrimStart() is [] or ['#', ..]) continue;
            states.Add(State(line, $"{file}:{number}:1", states.Count == 0 ? null : states[^1]));
            if (states.Count > MaxStates) throw new IdleTableException($"{file}:{number}:1: more than {MaxStates} states; write at most {MaxStates}");
        }
        return states.Count == 0 ? throw new IdleTableException($"{file}:1:1: there is no state; write: state C1 1 us 2 us hlt SOURCE") : new IdleTable(name, states) { Driver = "intel_idle" };
    }

    private static IdleState State(string line, string at, IdleState? before)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length < 8 || words[0] != "state" || words[6] is not ("mwait" or "hlt")
            || !SimTime.TryParse(words[2] + words[3], out long exitPs) || !SimTime.TryParse(words[4] + words[5], out long residencyPs))
            throw new IdleTableException($"{at}: this is no idle state; write: state NAME exit UNIT residency UNIT mwait|hlt SOURCE, as in: state C1 1 us 2 us hlt intel_idle");
        if (before is not null && (exitPs < before.ExitPs || residencyPs < before.ResidencyPs))
            throw new IdleTableException($"{at}: {words[1]} is shallower than {before.Name} before it; write the shallowest state first");
        // intel_idle_state_needs_timer_stop: C1 and C1E are both C1 to MWAIT.
        bool isDeep = words[1] is not ("C1" or ['C', '1', not (>= '0' and <= '9'), ..]);
        return new IdleState(words[1], exitPs, residencyPs, words[6] == "mwait") { IsDeep = isDeep };
    }
}
