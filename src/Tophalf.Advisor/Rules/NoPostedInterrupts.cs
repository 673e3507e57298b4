using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>A host runs guests and its interrupts reach them by exits.</summary>
internal sealed class NoPostedInterrupts() : Rule(new RuleCard(
    "no-posted-interrupts",
    "Without posted interrupts a guest that runs must be thrown out of guest mode for each interrupt it gets, and again for its end-of-interrupt. Processors with APIC virtualisation deliver them without an exit, if KVM is allowed to use it.",
    "Virtual CPUs run on this host (threads CPU n/KVM, fc_vcpu n), and kvm_intel's enable_apicv or kvm_amd's avic reads N.",
    "arch/x86/kvm/vmx/posted_intr.c; Intel SDM 3C, Posted-Interrupt Processing",
    Part.Tasks))
{
    public override IEnumerable<Finding> Look(Observation seen)
    {
        ObservedTask[] vcpus = [.. seen.Tasks.Where(IsVirtualCpu)];
        foreach ((string path, string module, string option) in (ReadOnlySpan<(string, string, string)>)
            [("/sys/module/kvm_intel/parameters/enable_apicv", "kvm_intel", "enable_apicv"), ("/sys/module/kvm_amd/parameters/avic", "kvm_amd", "avic")])
        {
            if (vcpus.Length > 0 && seen.Settings.TryGetValue(path, out string? value) && value is "N" or "0")
                return [Off(seen, vcpus, path, value, $"modprobe -r {module} && modprobe {module} {option}=1 (with no guest running; the processor must have it)")];
        }
        return [];
    }

    private Finding Off(Observation seen, ObservedTask[] vcpus, string path, string value, string remedy)
    {
        var evidence = new List<Evidence> { new(path, value), new($"/proc/{vcpus[0].Pid}/task", $"{vcpus.Length} virtual CPUs") };
        if (seen.Rows.FirstOrDefault(row => row.Name == "PIN") is { } row)
            evidence.Add(new Evidence("/proc/interrupts", $"PIN {seen.PerSecond(row.Count)}"));
        return Found(Severity.Warning, $"{vcpus.Length} virtual CPUs run on this host without posted interrupts.", evidence, remedy);
    }

    private static bool IsVirtualCpu(ObservedTask task) =>
        task.Name.StartsWith("CPU ", StringComparison.Ordinal) && task.Name.EndsWith("/KVM", StringComparison.Ordinal) || task.Name.StartsWith("fc_vcpu", StringComparison.Ordinal);
}
