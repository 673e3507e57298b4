using Tophalf.Linux;

namespace Tophalf.Kernel.Scheduling;

/// <summary>Processors set apart on the kernel's command line (kernel/sched/isolation.c).</summary>
/// <param name="Domain">isolcpus=: no load balancing, and no wake-up but of tasks bound there.</param>
/// <param name="Tickless">nohz_full=: no tick while one task runs.</param>
public sealed record IsolatedCpus(CpuMask Domain, CpuMask Tickless)
{
    /// <param name="parameters">The command line's.</param>
    /// <param name="possible">The processors there are; others are dropped.</param>
    /// <param name="messages">What the kernel says.</param>
    public static IsolatedCpus Parse(IEnumerable<(string Name, string Value)> parameters, CpuMask possible, List<string> messages)
    {
        CpuMask domain = CpuMask.Empty, tickless = CpuMask.Empty;
        foreach ((string name, string value) in parameters)
        {
            switch (name)
            {
                case "isolcpus":
                    (bool isDomain, bool isTickless, string list) = Flags(value);
                    CpuMask isolated = Housekept(list, possible, messages);
                    if (isDomain) domain = isolated;
                    if (isTickless) tickless = isolated;
                    break;
                case "nohz_full":
                    tickless = Housekept(value, possible, messages);
                    break;
            }
        }
        return new IsolatedCpus(domain, tickless);
    }

    /// <summary>Flags before the list: nohz, domain, managed_irq; none of them means domain.</summary>
    private static (bool Domain, bool Tickless, string List) Flags(string value)
    {
        bool domain = false, tickless = false, any = false;
        while (value.Length > 0 && char.IsAsciiLetter(value[0]))
        {
            int comma = value.IndexOf(',');
            if (comma < 0) break;
            ReadOnlySpan<char> flag = value.AsSpan(0, comma);
            domain |= flag.SequenceEqual("domain");
            tickless |= flag.SequenceEqual("nohz");
            any = true;
            value = value[(comma + 1)..];
        }
        return (domain || !any, tickless, value);
    }

    /// <summary>housekeeping_setup: at least one processor must be left to do the housekeeping, and the boot processor does it if all were named.</summary>
    private static CpuMask Housekept(string list, CpuMask possible, List<string> messages)
    {
        if (CpuMask.ParseList(list, CpuMask.MaxCpus, out CpuMask named) != Errno.None)
        {
            messages.Add("Housekeeping: nohz_full= or isolcpus= incorrect CPU range");
            return CpuMask.Empty;
        }
        CpuMask isolated = named.And(possible);
        if (!possible.AndNot(isolated).IsEmpty) return isolated;
        messages.Add($"Housekeeping: must include one present CPU, using boot CPU:{possible.First}");
        return isolated.Without(possible.First);
    }
}
