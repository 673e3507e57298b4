using System.Diagnostics;
using Tophalf.Linux;
using Tophalf.Linux.Sampling;

namespace Tophalf.Bench;

/// <summary>One reading of top on this host beside the programs people use for it, which are started anew for each reading.</summary>
internal static class HostRefresh
{
    private const int Readings = 200, Starts = 10;

    private static readonly string[] s_others = ["lsirq -J", "mpstat -I ALL"];

    public static void Report(int rounds)
    {
        LiveMachine machine = new();
        MachineSample sample = new(machine);
        sample.Refresh();
        if (sample.Interrupts is not { } table)
        {
            Console.WriteLine($"this host shows no {ProcInterrupts.Path}: top is not compared");
            return;
        }
        double ownNs = Measure.MedianNs(rounds, () => Sample.Of(() =>
        {
            for (int i = 0; i < Readings; i++) sample.Refresh();
            return Readings;
        }));
        Console.WriteLine($"top: one reading of this host ({table.Cpus.Length} CPUs, {table.Rows} rows, with softirqs, stat and softnet_stat): {ownNs / 1000:f0} us");
        foreach (string line in s_others)
        {
            if (machine.Run($"command -v {line.Split(' ')[0]}").Status != 0)
            {
                Console.WriteLine($"  {line}: not installed");
                continue;
            }
            double otherNs = Measure.MedianNs(rounds, () => Started(line));
            Console.WriteLine($"  {line}: {otherNs / 1000:f0} us with its start, {otherNs / ownNs:f0} times as long");
        }
    }

    private static Sample Started(string line) => Sample.Of(() =>
    {
        string[] words = line.Split(' ');
        for (int i = 0; i < Starts; i++)
        {
            using Process process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true })!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
        }
        return Starts;
    });
}
