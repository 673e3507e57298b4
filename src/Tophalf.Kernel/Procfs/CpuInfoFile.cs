using System.Text;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Procfs;

/// <summary>
/// /proc/cpuinfo (arch/x86/kernel/cpu/proc.c show_cpuinfo): the lines about number and place of each processor online, in the kernel's order and words. The twin's
/// processor is no product, so family, model, flags and caches are left out.
/// </summary>
internal static class CpuInfoFile
{
    public static string Write(Kernel kernel)
    {
        var text = new StringBuilder();
        foreach (Cpu cpu in kernel.OnlineCpus)
        {
            CpuPosition place = kernel.Options.Place(cpu.Id);
            CpuPosition[] package = [.. kernel.OnlineCpus.Select(other => kernel.Options.Place(other.Id)).Where(other => other.Socket == place.Socket)];
            text.Append($"processor\t: {cpu.Id}\n");
            text.Append($"physical id\t: {place.Socket}\n");
            text.Append($"siblings\t: {package.Length}\n");
            text.Append($"core id\t\t: {place.Core}\n");
            text.Append($"cpu cores\t: {package.Select(other => other.Core).Distinct().Count()}\n");
            text.Append($"apicid\t\t: {cpu.Apic.Id}\n");
            text.Append($"initial apicid\t: {cpu.Apic.Id}\n");
            text.Append('\n');
        }
        return text.ToString();
    }
}
