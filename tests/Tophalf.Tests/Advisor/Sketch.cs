using System.Globalization;
using System.Text;
using Tophalf.Advisor;
using Tophalf.Advisor.Observations;
using Tophalf.Linux;
using Tophalf.Linux.Captures;

namespace Tophalf.Tests.Advisor;

/// <summary>
/// A capture drawn by hand: the files of a quiet four-processor machine at two moments one second apart, to be spoilt. It is read as any capture is.
/// </summary>
internal sealed class Sketch(int cpus = 4)
{
    private const long ApartNs = 1_000_000_000;

    private readonly SavedTree _first = new(), _second = new();
    private readonly List<CapturedCommand> _commands = [];
    private readonly List<(string Label, string Tail, long[] Before, long[] After)> _rows = [];
    private readonly Dictionary<int, long[]> _ticks = [];

    /// <summary>A line of /proc/interrupts that came so often on each CPU in the second, with its directory in /proc/irq.</summary>
    public Sketch Line(
        int irq, string action, long[] counts, string affinity, string? before = null, string? effective = null, int node = -1, string chip = "PCI-MSIX-0000:01:00.0", string spurious = "0 0", string then = "0 0")
    {
        _rows.Add(($"{irq}", $"{chip}   0-edge      {action}", new long[cpus], counts));
        string directory = $"/proc/irq/{irq}";
        foreach ((SavedTree tree, string mask, string noted) in new[] { (_first, before ?? affinity, then), (_second, affinity, spurious) })
        {
            tree.Add($"{directory}/smp_affinity_list", mask + "\n");
            tree.Add($"{directory}/effective_affinity_list", (effective ?? mask.Split(',', '-')[0]) + "\n");
            tree.Add($"{directory}/node", node + "\n");
            tree.Add($"{directory}/spurious", $"count {noted.Split(' ')[0]}\nunhandled {noted.Split(' ')[1]}\nlast_unhandled 4294668424 ms\n");
        }
        return this;
    }

    /// <summary>A named row; one count for rows of the whole machine.</summary>
    public Sketch Row(string name, params long[] counts)
    {
        _rows.Add((name, counts.Length > 1 ? "  words" : "", new long[counts.Length], counts));
        return this;
    }

    /// <summary>How many of a CPU's hundred ticks it spent as user, system, hard and soft interrupt, and stolen; the rest is idle.</summary>
    public Sketch Cpu(int cpu, long user = 0, long system = 0, long irq = 0, long softirq = 0, long steal = 0)
    {
        _ticks[cpu] = [user, 0, system, 100 - user - system - irq - softirq - steal, 0, irq, softirq, steal, 0, 0];
        return this;
    }

    /// <param name="ticks">Of the hundred in the second.</param>
    public Sketch Task(int pid, string name, long ticks = 0, int cpu = 0, int policy = 0, int priority = 0, char state = 'S', bool isKernel = false)
    {
        foreach ((SavedTree tree, long used) in new[] { (_first, 0L), (_second, ticks) })
        {
            string[] fields = [.. Enumerable.Repeat("0", 50)];
            (fields[0], fields[1], fields[11], fields[36], fields[37], fields[38]) = ($"{state}", isKernel ? "2" : "1", $"{used}", $"{cpu}", $"{priority}", $"{policy}");
            tree.Add($"/proc/{pid}/stat", $"{pid} ({name}) {string.Join(' ', fields)}\n");
        }
        return this;
    }

    public Sketch File(string path, string text)
    {
        _first.Add(path, text);
        return this;
    }

    /// <summary>A file that had changed by the second moment.</summary>
    public Sketch File(string path, string before, string after)
    {
        _first.Add(path, before);
        _second.Add(path, after);
        return this;
    }

    public Sketch Command(string line, string output)
    {
        _commands.Add(new CapturedCommand(line, new CommandResult(output, "", 0)));
        return this;
    }

    /// <summary>An interface with so many packets received and dropped in the second.</summary>
    public Sketch Interface(string name, long packets, long dropped = 0)
    {
        static string Text(string name, long packets, long dropped) =>
            "Inter-|   Receive                                                |  Transmit\n"
            + " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n"
            + $"{name,6}: {packets * 64} {packets} 0 {dropped} 0 0 0 0 0 0 0 0 0 0 0 0\n";
        return File("/proc/net/dev", Text(name, 0, 0), Text(name, packets, dropped));
    }

    public ILinuxMachine Machine()
    {
        AddTables();
        return new CapturedMachine(new CaptureContent(_first, _second, ApartNs, _commands, Trace: null, [], IsRedacted: false));
    }

    public Observation See() => Observer.Watch(Machine(), ApartNs);

    public Diagnosis Diagnose() => Doctor.Examine(See());

    /// <summary>The only finding there is.</summary>
    public Finding Finding(string id) => Diagnose().Findings.Single(finding => finding.Id == id);

    private void AddTables()
    {
        Task(2, "kthreadd", isKernel: true);
        foreach (bool isSecond in new[] { false, true })
        {
            SavedTree tree = isSecond ? _second : _first;
            var interrupts = new StringBuilder("     " + string.Concat(Enumerable.Range(0, cpus).Select(cpu => $"      CPU{cpu}")) + "\n");
            foreach (var row in _rows)
                interrupts.Append(CultureInfo.InvariantCulture, $"{row.Label,4}: {string.Join(' ', isSecond ? row.After : row.Before)} {row.Tail}\n");
            interrupts.Append(CultureInfo.InvariantCulture, $" LOC: {string.Join(' ', Enumerable.Repeat(isSecond ? 250 : 0, cpus))}   Local timer interrupts\n");
            tree.Add("/proc/interrupts", interrupts.ToString());
            var stat = new StringBuilder("cpu  0 0 0 0 0 0 0 0 0 0\n");
            for (int cpu = 0; cpu < cpus; cpu++)
            {
                long[] ticks = !isSecond ? new long[10] : _ticks.GetValueOrDefault(cpu, [0, 0, 0, 100, 0, 0, 0, 0, 0, 0]);
                stat.Append(CultureInfo.InvariantCulture, $"cpu{cpu} {string.Join(' ', ticks)}\n");
            }
            tree.Add("/proc/stat", stat.ToString());
        }
        _first.Add("/sys/devices/system/cpu/online", $"0-{cpus - 1}\n");
    }
}
