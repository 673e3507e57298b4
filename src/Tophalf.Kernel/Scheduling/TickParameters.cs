using Tophalf.Linux;

namespace Tophalf.Kernel.Scheduling;

/// <summary>What the kernel's command line says about the tick (Documentation/timers/no_hz.rst).</summary>
public sealed record TickParameters
{
    /// <summary>nohz=: the tick stops while a processor idles. Off, it is periodic.</summary>
    public bool NoHz { get; private init; } = true;

    /// <summary>nohz_full=: processors whose tick stops too while they have no more than one task to run. The boot processor keeps the time and is never one.</summary>
    public CpuMask NoHzFull { get; private init; }

    public IReadOnlyList<string> Messages { get; private init; } = [];

    /// <param name="parameters">The command line's.</param>
    /// <param name="tickless">The processors that nohz_full= or isolcpus=nohz, names.</param>
    public static TickParameters Parse(IEnumerable<(string Name, string Value)> parameters, CpuMask tickless)
    {
        var found = new TickParameters();
        if (!tickless.IsEmpty)
        {
            string[] cleared = tickless.Contains(0) ? ["NO_HZ: Clearing 0 from nohz_full range for timekeeping"] : [];
            CpuMask full = tickless.Without(0);
            found = found with { NoHzFull = full, Messages = [.. cleared, $"NO_HZ: Full dynticks CPUs: {full.ToList()}."] };
        }
        foreach ((string name, string value) in parameters)
        {
            if (name == "nohz" && value is "on" or "off") found = found with { NoHz = value == "on" };
        }
        return found;
    }
}
