using System.Diagnostics.CodeAnalysis;

namespace Tophalf.Twin.Scenarios;

/// <summary>CPUs as Linux writes them in smp_affinity_list: "0-3,8".</summary>
public static class CpuList
{
    /// <param name="cpus">CPUs of the machine, numbered from 0.</param>
    /// <param name="list">Ascending, each once.</param>
    /// <param name="problem">"'TEXT' is …; write …", to be put after the name of what was read.</param>
    public static bool TryParse(string text, int cpus, out int[] list, [NotNullWhen(false)] out string? problem)
    {
        list = [];
        var named = new bool[cpus];
        foreach (Range part in text.AsSpan().Split(','))
        {
            ReadOnlySpan<char> range = text.AsSpan()[part].Trim(' ');
            int dash = range.IndexOf('-');
            if (!TryParseCpu(dash < 0 ? range : range[..dash], out int first) || !TryParseCpu(range[(dash + 1)..], out int last))
            {
                problem = $"{Wording.Quote(text)} is not a list of CPUs; write numbers and ranges, such as 0-3,8";
                return false;
            }

            if (first > last)
            {
                problem = $"{Wording.Quote(text)} has a range that runs backwards; write {last}-{first}";
                return false;
            }

            if (last >= cpus)
            {
                problem = $"{Wording.Quote(text)} names CPU {last} on a machine of {cpus} CPUs; write CPUs from 0 to {cpus - 1}";
                return false;
            }

            named.AsSpan(first, last - first + 1).Fill(true);
        }

        list = [.. Enumerable.Range(0, cpus).Where(cpu => named[cpu])];
        problem = null;
        return true;
    }

    private static bool TryParseCpu(ReadOnlySpan<char> text, out int cpu)
    {
        cpu = 0;
        return text.Length is > 0 and <= 6 && !text.ContainsAnyExceptInRange('0', '9') && int.TryParse(text, out cpu);
    }
}
