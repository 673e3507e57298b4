namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// Something a processor spends time on and that a higher context may interrupt. The processor asks when it next needs attention,
/// grants it time in slices, and tells it when that moment has come. What a slice did is worked out lazily, when the slice ends; two slices
/// in a row must do exactly what one slice of the same length does.
/// </summary>
public abstract class Work
{
    /// <summary>When this work needs attention if nothing interrupts it from <paramref name="nowPs"/> on; Never for work without end.</summary>
    public abstract long Plan(long nowPs);

    /// <summary>Time was granted from <paramref name="fromPs"/> to <paramref name="toPs"/>, no further than the plan: use it, and account every picosecond.</summary>
    public abstract void Advance(long fromPs, long toPs, CpuTime time);

    /// <summary>The planned moment has come. The work goes on, blocks, or is over.</summary>
    public abstract void Finish(Cpu cpu, long nowPs);
}
