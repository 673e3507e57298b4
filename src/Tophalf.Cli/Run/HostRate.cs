using Tophalf.Twin.Host;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Run;

/// <summary>One line on one CPU: interrupts per second on the host and on its twin.</summary>
/// <param name="Label">Interrupt number, or LOC, RES …</param>
internal sealed record HostRate(string Label, string Name, int Cpu, double Host, double Twin)
{
    /// <summary>Twin over host; null where the host had none.</summary>
    public double? Ratio => Host > 0 ? Twin / Host : null;

    /// <summary>Every line and CPU on which either machine had an interrupt, in the order of /proc/interrupts.</summary>
    public static IEnumerable<HostRate> Of(HostObservation host, RunReport twin)
    {
        foreach (HostLine line in host.Lines.Concat(host.SystemVectors))
        {
            IReadOnlyList<long>? counts = line.Irq is { } irq
                ? twin.Interrupts.FirstOrDefault(row => row.Irq == irq)?.PerCpu
                : twin.SystemVectors.FirstOrDefault(row => row.Name == line.Label)?.PerCpu;
            for (int i = 0; i < host.Cpus.Count; i++)
            {
                double onHost = line.PerCpuPerSecond[i];
                double onTwin = counts != null && i < counts.Count ? counts[i] / twin.SimulatedS : 0;
                if (onHost > 0 || onTwin > 0)
                    yield return new HostRate(line.Label, line.Name, host.Cpus[i], onHost, onTwin);
            }
        }
    }
}
