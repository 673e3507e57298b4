using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Tophalf.Advisor;
using Tophalf.Advisor.Observations;
using Tophalf.Linux;
using Tophalf.Tests.Linux;
using Xunit;

namespace Tophalf.Tests.Advisor;

/// <summary>Conditions made on the kernel the tests run on, and taken away again. What root or this machine does not allow is skipped.</summary>
[Collection(LiveConditions.Collection)]
public sealed class LiveConditionTests : IDisposable
{
    private const long WatchedNs = 1_000_000_000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tophalf-live");
    private readonly List<Process> _processes = [];
    private readonly LiveMachine _machine = new();

    public void Dispose()
    {
        foreach (Process process in _processes)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
        _folder.Delete(recursive: true);
    }

    [LiveFact]
    public void Two_programs_that_write_masks_are_seen_by_their_names()
    {
        Assert.False(Finds("several-mask-owners", Watch()));
        Start("irqbalance", "sleep", "60");
        Start("tuned", "sleep", "60");
        Assert.True(Finds("several-mask-owners", Watch()));
    }

    [MovableIrqFact]
    public void A_mask_rewritten_under_a_running_irqbalance_is_seen()
    {
        string file = MovableIrqFactAttribute.IdleIrqDirectory() + "/smp_affinity_list";
        string before = _machine.Read(file);
        Start("irqbalance", "sleep", "60");
        var observer = new Observer();
        try
        {
            _machine.Write(file, "0\n");
            observer.Look(_machine);
            _machine.Sleep(10_000_000);
            _machine.Write(file, "1\n");
            observer.Look(_machine);
        }
        finally
        {
            _machine.Write(file, before);
        }
        Assert.True(Finds("irqbalance-fights-pins", observer.Finish(_machine)));
    }

    [MovableIrqFact]
    public void A_quiet_line_does_not_follow_its_mask()
    {
        string directory = MovableIrqFactAttribute.IdleIrqDirectory()!;
        string before = _machine.Read($"{directory}/smp_affinity_list");
        int now = int.Parse(_machine.Read($"{directory}/effective_affinity_list").Trim());
        try
        {
            _machine.Write($"{directory}/smp_affinity_list", $"{(now == 0 ? 1 : 0)}\n");
            // With interrupt remapping the line would have moved at once.
            bool waits = _machine.Read($"{directory}/effective_affinity_list").Trim() == $"{now}";
            Assert.Equal(waits, Doctor.Examine(Watch()).Findings.Any(finding => finding.Id == "mask-not-in-force" && finding.Evidence[0].File.StartsWith(directory, StringComparison.Ordinal)));
        }
        finally
        {
            _machine.Write($"{directory}/smp_affinity_list", before);
        }
    }

    [LiveFact]
    public void Datagrams_nobody_fetches_fill_the_socket()
    {
        using var receiver = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 2048 };
        receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var observer = new Observer();
        observer.Look(_machine);
        for (int i = 0; i < 200; i++)
            sender.SendTo(new byte[1000], receiver.LocalEndPoint!);
        _machine.Sleep(10_000_000);
        observer.Look(_machine);
        Assert.True(Finds("socket-drops", observer.Finish(_machine)));
    }

    [ManagedDiskFact]
    public void A_busy_disk_queue_has_a_mask_nobody_may_write()
    {
        Start("writer", "sh", "-c", $"while :; do dd if=/dev/zero of={_folder.FullName}/data bs=4k count=500 oflag=direct 2>/dev/null; done");
        Observation seen = Watch();
        ObservedLine[] busy = [.. seen.Lines.Where(line => line.IsManaged == true && seen.IsAtLeast(line.Count, 100))];
        Assert.Equal(busy.Length, Doctor.Examine(seen).Findings.Count(finding => finding.Id == "managed-mask"));
        Assert.All(busy, line => Assert.Throws<LinuxException>(() => _machine.Write(line.Path("smp_affinity"), _machine.Read(line.Path("smp_affinity")))));
    }

    [RootFact]
    public void A_poll_mode_worker_is_seen_by_its_name_and_its_hunger()
    {
        Process worker = Start("lcore-worker-1", "sh", "-c", "while :; do :; done");
        // Beside the other tests an ordinary task would not get the whole of a CPU.
        if (_machine.Run($"chrt -f -p 1 {worker.Id}").Status != 0)
            return;
        Observation seen = Watch();
        double got = seen.Tasks.First(task => task.Pid == worker.Id).BusyPct ?? 0;
        Assert.Equal(got >= 80, Finds("polling-core", seen));
    }

    private Observation Watch() => Observer.Watch(_machine, WatchedNs);

    private static bool Finds(string rule, Observation seen) => Doctor.Examine(seen).Findings.Any(finding => finding.Id == rule);

    /// <summary>A program under another name, as /proc/PID/stat shows it: the kernel takes the name of the file.</summary>
    private Process Start(string name, string program, params string[] arguments)
    {
        string copy = Path.Combine(_folder.FullName, name);
        File.Copy($"/bin/{program}", copy);
        Process process = Process.Start(new ProcessStartInfo(copy, arguments) { UseShellExecute = false })!;
        _processes.Add(process);
        return process;
    }
}

/// <summary>Tests that change the machine they run on, one after the other.</summary>
[CollectionDefinition(Collection, DisableParallelization = true)]
public sealed class LiveConditions
{
    public const string Collection = "conditions made on the live kernel";
}

/// <summary>A test that wants root.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute() => Skip = OperatingSystem.IsLinux() && Environment.UserName == "root" ? null : "needs root";
}

/// <summary>A test that wants a disk whose queues have managed masks.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ManagedDiskFactAttribute : FactAttribute
{
    public ManagedDiskFactAttribute() => Skip = HasManagedQueue() ? null : "needs a disk whose queues' masks cannot be written";

    private static bool HasManagedQueue() =>
        OperatingSystem.IsLinux() && File.Exists(ProcInterrupts.Path)
        && ProcInterrupts.Read(new LiveMachine()).Numbered.Any(row => row.Actions.Any(action => action.Contains("-req.", StringComparison.Ordinal) || action.StartsWith("nvme", StringComparison.Ordinal))
            && new LiveMachine().Run($"ls -l /proc/irq/{row.Irq}/smp_affinity").Output.StartsWith("-r--r--r--", StringComparison.Ordinal));
}
