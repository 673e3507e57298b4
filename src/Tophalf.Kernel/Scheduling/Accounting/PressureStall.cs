using System.Text;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling.Accounting;

/// <summary>
/// Pressure stall information: what share of the time work stood still for want of a processor, for a disk, or because interrupts had the processor
/// (kernel/sched/psi.c). The twin's memory is never short, so that is zero.
/// </summary>
public sealed class PressureStall : SimEvent
{
    /// <summary>EXP_10s, EXP_60s, EXP_300s: 2048 / exp(2 s / 10, 60, 300 s).</summary>
    private static readonly ulong[] s_decay = [1677, 1981, 2034];

    private readonly Kernel _kernel;
    private readonly long[] _totalNs = new long[CpuPressure.States], _averagedNs = new long[CpuPressure.States];
    private readonly ulong[,] _average = new ulong[CpuPressure.States, 3];
    private long _averagedAtPs;

    internal PressureStall(Kernel kernel)
    {
        _kernel = kernel;
        IsEnabled = Parse(kernel.Options.Parameters);
        if (IsEnabled) kernel.Events.Schedule(this, PeriodPs);
    }

    /// <summary>Not with psi=0 on the command line: then there is no /proc/pressure.</summary>
    public bool IsEnabled { get; }

    /// <summary>PSI_FREQ.</summary>
    private long PeriodPs => 2 * SimTime.Second + _kernel.TickPs;

    /// <summary>setup_psi.</summary>
    private static bool Parse(IEnumerable<(string Name, string Value)> parameters)
    {
        bool isEnabled = true;
        foreach ((string name, string value) in parameters)
        {
            if (name != "psi") continue;
            if (value is "0" or "n" or "N" or "off") isEnabled = false;
            else if (value is "1" or "y" or "Y" or "on") isEnabled = true;
        }
        return isEnabled;
    }

    /// <summary>psi_avgs_work.</summary>
    protected override void Fire(long nowPs)
    {
        Collect(nowPs);
        long periodNs = (nowPs - _averagedAtPs) / SimTime.Nanosecond;
        for (int state = 0; state < CpuPressure.States; state++)
        {
            // More than a period is kept for the next one.
            long sampleNs = Math.Min(_totalNs[state] - _averagedNs[state], periodNs);
            _averagedNs[state] += sampleNs;
            ulong percent = (ulong)(sampleNs * 100 / periodNs) * DecayingAverage.FixedOne;
            for (int i = 0; i < s_decay.Length; i++) _average[state, i] = DecayingAverage.Next(_average[state, i], s_decay[i], percent);
        }
        _averagedAtPs = nowPs;
        _kernel.Events.Schedule(this, nowPs + PeriodPs);
    }

    /// <summary>collect_percpu_times: processors count by how long each had anything to do, in whole ticks.</summary>
    private void Collect(long nowPs)
    {
        Span<long> ns = stackalloc long[CpuPressure.States];
        Span<Int128> weighted = stackalloc Int128[CpuPressure.States];
        weighted.Clear();
        long nonIdle = 0;
        foreach (Cpu cpu in _kernel.Cpus)
        {
            cpu.Pressure.TakeRecent(nowPs, ns);
            long ticks = ns[(int)PressureState.NonIdle] * SimTime.Nanosecond / _kernel.TickPs;
            nonIdle += ticks;
            for (int state = 0; state < CpuPressure.States; state++) weighted[state] += (Int128)ns[state] * ticks;
        }
        for (int state = 0; state < CpuPressure.States; state++) _totalNs[state] += (long)(weighted[state] / Math.Max(nonIdle, 1));
    }

    /// <summary>/proc/pressure/cpu. Of the whole machine the processor is never the one thing that all tasks wait for.</summary>
    internal string Cpu => Read(() => "some " + Line(PressureState.CpuSome) + "full " + s_none);

    /// <summary>/proc/pressure/irq.</summary>
    internal string Irq => Read(() => "full " + Line(PressureState.IrqFull));

    /// <summary>/proc/pressure/io.</summary>
    internal string Io => Read(() => "some " + Line(PressureState.IoSome) + "full " + Line(PressureState.IoFull));

    /// <summary>/proc/pressure/memory.</summary>
    internal static string Nothing => "some " + s_none + "full " + s_none;

    private static readonly string s_none = Line([0, 0, 0], 0);

    private string Read(Func<string> text)
    {
        _kernel.Sync();
        Collect(_kernel.Events.NowPs);
        return text();
    }

    private string Line(PressureState state) =>
        Line([_average[(int)state, 0], _average[(int)state, 1], _average[(int)state, 2]], _totalNs[(int)state]);

    /// <summary>psi_show; the total in microseconds.</summary>
    private static string Line(ReadOnlySpan<ulong> average, long totalNs) =>
        $"avg10={DecayingAverage.Text(average[0])} avg60={DecayingAverage.Text(average[1])} avg300={DecayingAverage.Text(average[2])} total={totalNs / 1000}\n";
}
