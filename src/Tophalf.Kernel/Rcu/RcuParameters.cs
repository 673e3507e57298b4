using System.Globalization;
using Tophalf.Linux;

namespace Tophalf.Kernel.Rcu;

/// <summary>What the kernel is built with and its command line says about RCU (Documentation/admin-guide/kernel-parameters.txt).</summary>
internal sealed record RcuParameters
{
    /// <summary>Processors whose callbacks threads call (rcu_nocbs=, and those of nohz_full=); null where neither was said.</summary>
    public CpuMask? Offloaded { get; private init; }

    /// <summary>rcutree.use_softirq: the work of a processor is done in its softirq, else in rcuc/N. PREEMPT_RT knows nothing but threads.</summary>
    public bool UsesSoftirq { get; private init; }

    /// <summary>rcutree.kthread_prio: the FIFO priority of RCU's threads, 0 for the fair class. Kernels with PREEMPT_RT are built with RCU_BOOST, and have 1.</summary>
    public int ThreadPriority { get; private init; }

    /// <summary>rcutree.blimit: callbacks of a batch, after which others may have the processor.</summary>
    public int BatchLimit { get; private init; } = 10;

    /// <summary>rcutree.jiffies_till_first_fqs and jiffies_till_next_fqs: until somebody looks who idles.</summary>
    public long JiffiesTillFirstLook { get; private init; }
    public long JiffiesTillNextLook { get; private init; }

    /// <summary>rcupdate.rcu_cpu_stall_timeout, in seconds.</summary>
    public int StallSeconds { get; private init; } = 21;

    public IReadOnlyList<string> Messages { get; private init; } = [];

    public static RcuParameters Parse(KernelOptions options, CpuMask tickless, bool isRt)
    {
        // RCU_JIFFIES_TILL_FORCE_QS (kernel/rcu/rcu.h), and one more for each 256 processors
        long look = 1 + (options.Hz > 250 ? 1 : 0) + (options.Hz > 500 ? 1 : 0) + options.Cpus / 256;
        CpuMask possible = CpuMask.FirstCpus(options.Cpus);
        CpuMask offloaded = tickless;
        bool isSetUp = !tickless.IsEmpty;
        var found = new RcuParameters { UsesSoftirq = !isRt, ThreadPriority = isRt ? 1 : 0, JiffiesTillFirstLook = look, JiffiesTillNextLook = look };
        foreach ((string name, string value) in options.Parameters)
        {
            switch (name)
            {
                case "rcu_nocbs":
                    isSetUp = true;
                    if (value == "all") offloaded = possible;
                    else if (value.Length > 0 && CpuMask.ParseList(value, CpuMask.MaxCpus, out CpuMask named) == Errno.None) offloaded = offloaded.Or(named);
                    break;
                case "rcutree.use_softirq" when !isRt: found = found with { UsesSoftirq = value is "" or "1" or "y" or "Y" }; break;
                case "rcutree.kthread_prio" when TryNumber(value, 0, 99, out int priority): found = found with { ThreadPriority = isRt ? Math.Max(priority, 1) : priority }; break;
                case "rcutree.blimit" when TryNumber(value, 1, 10_000, out int limit): found = found with { BatchLimit = limit }; break;
                case "rcutree.jiffies_till_first_fqs" when TryNumber(value, 0, options.Hz, out int first): found = found with { JiffiesTillFirstLook = first }; break;
                case "rcutree.jiffies_till_next_fqs" when TryNumber(value, 1, options.Hz, out int next): found = found with { JiffiesTillNextLook = next }; break;
                case "rcupdate.rcu_cpu_stall_timeout" when TryNumber(value, 3, 300, out int seconds): found = found with { StallSeconds = seconds }; break;
            }
        }
        if (!isSetUp) return found;
        var messages = new List<string>();
        if (!offloaded.AndNot(possible).IsEmpty) messages.Add("rcu: \tNote: kernel parameter 'rcu_nocbs=', 'nohz_full', or 'isolcpus=' contains nonexistent CPUs.");
        offloaded = offloaded.And(possible);
        messages.Add($"rcu: \tOffload RCU callbacks from CPUs: {(offloaded.IsEmpty ? "(none)" : offloaded.ToList())}.");
        return found with { Offloaded = offloaded, Messages = messages };
    }

    private static bool TryNumber(string text, int least, int most, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most;
}
