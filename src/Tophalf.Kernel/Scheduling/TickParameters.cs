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

    /// <param name="cmdline">The whole line, words separated by blanks.</param>
    /// <param name="possible">The processors the machine can have.</param>
    public static TickParameters Parse(string cmdline, CpuMask possible)
    {
        var found = new TickParameters();
        foreach (string word in cmdline.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = word.IndexOf('=');
            string value = equals < 0 ? "" : word[(equals + 1)..];
            switch (equals < 0 ? word : word[..equals])
            {
                case "nohz" when value is "on" or "off":
                    found = found with { NoHz = value == "on" };
                    break;
                case "nohz_full" when CpuMask.ParseList(value, CpuMask.MaxCpus, out CpuMask full) == Errno.None:
                    string[] cleared = full.Contains(0) ? ["NO_HZ: Clearing 0 from nohz_full range for timekeeping"] : [];
                    full = full.And(possible).Without(0);
                    found = found with { NoHzFull = full, Messages = [.. cleared, $"NO_HZ: Full dynticks CPUs: {full.ToList()}."] };
                    break;
            }
        }
        return found;
    }
}
