using System.Globalization;
using System.Text.Json;
using Tophalf.Tests.Advisor;
using Xunit;

namespace Tophalf.Tests.Cli;

/// <summary>Handler times of <c>top --trace</c> beside those that bpftrace measures of the same handlers in the same time.</summary>
[Collection(LiveConditions.Collection)]
public sealed class HandlerTimeTests
{
    /// <summary>
    /// Both read a clock at the same two tracepoints, so each one's span holds a piece of the other. With bpftrace attached first both spans hold the same: the
    /// begin of the second observer and the end of the first are paid once by each. In the other order bpftrace's span lacks what its own begin costs, and the two are
    /// a tenth of a microsecond or two apart, whatever the handler's length.
    /// </summary>
    private const string Observers = """
        exec unshare --mount sh -c '
        mountpoint -q /sys/kernel/tracing || mount -t tracefs nodev /sys/kernel/tracing
        file=$1
        dd if=/dev/zero of=$file bs=1M count=4 2>/dev/null
        (while [ -e $file ]; do dd if=$file of=/dev/null bs=4k iflag=direct 2>/dev/null; done) &
        bpftrace -e "
            tracepoint:irq:irq_handler_entry { @begun[cpu] = nsecs; }
            tracepoint:irq:irq_handler_exit /@begun[cpu]/ { \$d = nsecs - @begun[cpu]; @begun[cpu] = 0; @ns[args->irq] += \$d; @count[args->irq] += 1; }
            interval:ms:50 { printf(\"at %llu\n\", nsecs); print(@ns); print(@count); }
            END { clear(@begun); clear(@ns); clear(@count); }" > $file.bpftrace 2>/dev/null &
        bpftrace=$!
        for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do grep -q ^at $file.bpftrace && break; sleep 0.25; done
        $TOPHALF top --json --trace -d 1s
        echo "up $(cut -d" " -f1 /proc/uptime)"
        kill -INT $bpftrace
        rm -f $file
        wait' sh 
        """;

    /// <summary>On a machine that does other things too a window now and then is not what it should be; then the middle one of three counts.</summary>
    [BpftraceFact]
    public void The_mean_of_a_disks_handler_is_that_of_bpftrace_within_a_tenth()
    {
        const double Within = 0.1;
        List<double> ratios = [];
        while (ratios.Count < 3)
        {
            if (Ratio() is not { } ratio)
                return; // No disk here that interrupts.
            ratios.Add(ratio);
            if (ratios.Count == 1 && Math.Abs(ratio - 1) <= Within)
                return;
        }
        Assert.InRange(ratios.Order().ElementAt(1), 1 - Within, 1 + Within);
    }

    /// <summary>The mean of the busiest line's handlers as top has it, in bpftrace's; null where no line is busy.</summary>
    private static double? Ratio()
    {
        const int Enough = 500;
        const double MarginNs = 150e6;
        string file = Path.GetTempFileName();
        try
        {
            (int status, string output) = TophalfProcess.Script(Observers.TrimEnd() + " " + file);
            Assert.True(status == 0 && output.StartsWith('{'), output);
            int end = output.LastIndexOf("up ", StringComparison.Ordinal);
            using JsonDocument top = JsonDocument.Parse(output[..end]);
            JsonElement trace = top.RootElement.GetProperty("trace");
            Assert.False(trace.TryGetProperty("why_not", out _), output);
            JsonElement[] traced = [.. top.RootElement.GetProperty("interrupts").EnumerateArray().Where(row => row.TryGetProperty("handlers_traced", out _))];
            if (traced.Length == 0 || traced.MaxBy(Traced) is var line && Traced(line) < Enough)
                return null;
            // A window of top's ends when the trace is read, which is before the page is printed; both windows are cut to what is surely within.
            double endNs = double.Parse(output[(end + 3)..], CultureInfo.InvariantCulture) * 1e9 - trace.GetProperty("read_ns").GetDouble();
            double beginNs = endNs - trace.GetProperty("window_ns").GetDouble();
            (long totalNs, long count) = Between(File.ReadLines(file + ".bpftrace"), line.GetProperty("id").GetString()!, beginNs + MarginNs, endNs - MarginNs);
            Assert.InRange(count, Enough / 2, long.MaxValue);
            return line.GetProperty("handler_ns").GetDouble() * count / totalNs;
        }
        finally
        {
            File.Delete(file);
            File.Delete(file + ".bpftrace");
        }
    }

    private static long Traced(JsonElement row) => row.GetProperty("handlers_traced").GetInt64();

    /// <summary>What bpftrace's sums for an interrupt grew by from its first tick in a time to its last.</summary>
    private static (long TotalNs, long Count) Between(IEnumerable<string> lines, string irq, double beginNs, double endNs)
    {
        (long Ns, long Count) first = default, last = default, now = default;
        double atNs = 0;
        foreach (string line in lines)
        {
            if (line.StartsWith("at ", StringComparison.Ordinal))
            {
                Tick();
                atNs = double.Parse(line[3..], CultureInfo.InvariantCulture);
            }
            else if (line.StartsWith($"@ns[{irq}]: ", StringComparison.Ordinal))
            {
                now.Ns = long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
            }
            else if (line.StartsWith($"@count[{irq}]: ", StringComparison.Ordinal))
            {
                now.Count = long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
            }
        }
        return (last.Ns - first.Ns, last.Count - first.Count);

        void Tick()
        {
            if (atNs < beginNs || atNs > endNs)
                return;
            if (first.Count == 0)
                first = now;
            last = now;
        }
    }
}

/// <summary>A test beside bpftrace: wants root, bpftrace and a kernel with its types (BTF).</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BpftraceFactAttribute : FactAttribute
{
    public BpftraceFactAttribute() => Skip =
        !OperatingSystem.IsLinux() || Environment.UserName != "root" ? "bpftrace wants root on Linux"
        : !File.Exists("/usr/bin/bpftrace") ? "bpftrace is not installed"
        : !Directory.Exists("/sys/kernel/tracing") ? "this kernel has no tracefs" : null;
}
