using System.Globalization;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling.Idle;

/// <summary>
/// The parameters of the haltpoll governor, /sys/module/haltpoll/parameters, one set for all processors (drivers/cpuidle/governors/haltpoll.c). On the command line
/// they are written <c>haltpoll.NAME=</c>, and <c>cpuidle_haltpoll.force=1</c> loads the driver.
/// </summary>
public sealed class HaltPollParameters
{
    /// <summary>In the order of the kernel's source.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["guest_halt_poll_ns", "guest_halt_poll_shrink", "guest_halt_poll_grow", "guest_halt_poll_grow_start", "guest_halt_poll_allow_shrink"];

    private readonly uint[] _values = [200_000, 2, 2, 50_000, 1];

    /// <summary>The longest a processor polls before it halts.</summary>
    public uint PollNs => _values[0];
    public uint Shrink => _values[1];
    public uint Grow => _values[2];
    public uint GrowStartNs => _values[3];
    public bool AllowsShrink => _values[4] != 0;

    /// <summary>The parameters of a command line that loads the driver; null for one that does not.</summary>
    internal static HaltPollParameters? Parse(IEnumerable<(string Name, string Value)> commandLine)
    {
        var found = new HaltPollParameters();
        bool isForced = false;
        foreach ((string name, string value) in commandLine)
        {
            if (name == "cpuidle_haltpoll.force") isForced = value is "" or "1" or "y" or "Y";
            else if (name.StartsWith("haltpoll.", StringComparison.Ordinal)) _ = found.Set(name["haltpoll.".Length..], value);
        }
        return isForced ? found : null;
    }

    public string Get(string name)
    {
        int at = IndexOf(name);
        return at == BoolAt ? AllowsShrink ? "Y" : "N" : _values[at].ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>param_set_uint and param_set_bool: EINVAL for what is neither.</summary>
    public Errno Set(string name, string text)
    {
        int at = IndexOf(name);
        if (at < 0) return Errno.ENOENT;
        text = text.TrimEnd('\n');
        uint value;
        if (at == BoolAt)
        {
            if (text is not ['0' or '1' or 'y' or 'Y' or 'n' or 'N', ..]) return Errno.EINVAL;
            value = text[0] is '1' or 'y' or 'Y' ? 1u : 0u;
        }
        else if (!uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value)) return Errno.EINVAL;
        _values[at] = value;
        return Errno.None;
    }

    private const int BoolAt = 4;

    private static int IndexOf(string name)
    {
        for (int i = 0; i < Names.Count; i++)
        {
            if (Names[i] == name) return i;
        }
        return -1;
    }
}

/// <summary>
/// The haltpoll governor of one processor: it polls for a while before it halts, for longer if the last halts were over soon and polling would have paid, for less if
/// they were not.
/// </summary>
internal sealed class HaltPollGovernor(HaltPollParameters parameters)
{
    private long _limitNs;
    private bool _polledInVain, _lastWasPoll;

    /// <summary>How long to poll now; 0 to halt (haltpoll_select).</summary>
    public long PollPs => _limitNs == 0 || _lastWasPoll && _polledInVain ? 0 : _limitNs * SimTime.Nanosecond;

    /// <summary>Polling is over, by what happened or because the limit was reached.</summary>
    public void Polled(bool inVain) => (_lastWasPoll, _polledInVain) = (true, inVain);

    /// <summary>The processor was halted for so long (haltpoll_reflect, adjust_poll_limit).</summary>
    public void Halted(long ps)
    {
        _lastWasPoll = false;
        long blockNs = ps / SimTime.Nanosecond;
        if (blockNs > _limitNs && blockNs <= parameters.PollNs)
            _limitNs = Math.Min(Math.Max(_limitNs * parameters.Grow, parameters.GrowStartNs), parameters.PollNs);
        else if (blockNs > parameters.PollNs && parameters.AllowsShrink)
            _limitNs = parameters.Shrink == 0 ? 0 : _limitNs / parameters.Shrink;
    }
}
