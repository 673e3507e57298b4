using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>A feature works only where adapter, firmware and kernel all carry it; this names the layer that does not.</summary>
internal sealed class MissingFeature() : Rule(new RuleCard(
    "missing-feature",
    "Message-signalled interrupts and several queues need adapter, firmware and kernel at once; where one lacks them the card falls back to a wire or a single queue. Looking for a setting is in vain until the missing layer is changed.",
    $"A network card that comes {OftenPerSecond:0} times a second uses a pin of the I/O APIC or 8259, or has one queue at most while several CPUs are there and its CPU spends {BusyPct:0} % in interrupts.",
    "drivers/pci/msi/api.c; Documentation/PCI/msi-howto.rst",
    Part.Interrupts, Part.NetDev))
{
    private const double OftenPerSecond = 100;
    private const double BusyPct = 50;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        foreach (ObservedInterface device in seen.Interfaces)
        {
            ObservedLine line = device.Lines.MaxBy(line => line.Count)!;
            if (!seen.IsAtLeast(line.Count, OftenPerSecond))
                continue;
            if (line.Chip is "IO-APIC" or "IR-IO-APIC" or "XT-PIC" || line.Chip.StartsWith("IO-APIC-", StringComparison.Ordinal))
                yield return WithoutMessages(seen, device, line);
            else if ((device.QueueCounts is (1, 1) || device.HasNoChannels && device.Queues.Count <= 1) && seen.Cpus.Count > 1 && line.Target(seen.Cpus) is { } cpu && seen.CpuTime(cpu)?.InterruptPct >= BusyPct)
                yield return OneQueue(seen, device, cpu);
        }
    }

    private Finding WithoutMessages(Observation seen, ObservedInterface device, ObservedLine line)
    {
        string? boot = new[] { "noapic", "nolapic" }.FirstOrDefault(word => seen.CommandLine?.Has(word) == true) ?? (seen.CommandLine?["pci"]?.Split(',').Contains("nomsi") == true ? "pci=nomsi" : null);
        string? firmware = seen.Log.FirstOrDefault(said => said.Contains("FADT declares the system doesn't support MSI", StringComparison.Ordinal));
        (string layer, Evidence evidence, string remedy) = boot is not null ? ("the kernel was booted without them", new Evidence("/proc/cmdline", boot), $"boot without {boot}")
            : firmware is not null ? ("the firmware declares that the board has none", new Evidence("dmesg", firmware.Trim()), "update the firmware, or boot with pci=routeirq and measure")
            : ("the adapter or its driver has none", new Evidence($"ethtool -i {device.Name}", $"driver {device.Driver ?? "not shown"}"), "use an adapter with MSI-X; of an emulated card, a virtio one");
        return Found(
            Severity.Warning,
            $"{device.Name} interrupts over a wire ({line.Chip}) instead of by messages: {layer}.",
            [new Evidence("/proc/interrupts", $"{line.Label} on {line.Chip}, {seen.PerSecond(line.Count)}"), evidence],
            remedy);
    }

    private Finding OneQueue(Observation seen, ObservedInterface device, int cpu) => Found(
        Severity.Warning,
        $"{device.Name} has one queue and no more: the adapter (or the host that emulates it) is the layer that lacks receive-side scaling.",
        [
            new Evidence($"ethtool -l {device.Name}", device.HasNoChannels ? "Operation not supported: the driver knows one queue" : "queues now 1, at most 1"),
            new Evidence("/proc/stat", $"CPU {cpu} hardirq and softirq {Wording.Pct(seen.CpuTime(cpu)!.InterruptPct)}"),
        ],
        $"spread the packets in software: echo {CpuNames(seen, cpu)} > /sys/class/net/{device.Name}/queues/rx-0/rps_cpus",
        "of a virtual machine, give its card more queues on the host (queues=N)");

    private static string CpuNames(Observation seen, int busy) =>
        Linux.CpuMask.Of([.. seen.Cpus.Where(cpu => cpu != busy && !seen.Isolated.Contains(cpu))]).ToHex(seen.Topology?.NrCpuIds ?? seen.Cpus[^1] + 1);
}
