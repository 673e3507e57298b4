using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Scheduling.Idle;
using Tophalf.Linux;

namespace Tophalf.Kernel.Procfs;

/// <summary>
/// The tree of files the twin's kernel shows. It is worked out when asked: a path is split, walked, and the last step reads, writes or lists.
/// </summary>
public sealed class KernelFiles : IFileTree
{
    private const long PageBytes = 4096;
    private const int OthersBits = 7;

    private readonly Kernel _kernel;
    private readonly IrqFiles _irqs;
    private readonly Directory _root;

    public KernelFiles(Kernel kernel)
    {
        _kernel = kernel;
        _irqs = new IrqFiles(kernel);
        _root = Root();
    }

    public Errno Read(string path, out string text)
    {
        text = "";
        switch (Find(path))
        {
            case File { Read: { } read }: text = read(); return Errno.None;
            case File file: return file.ReadError;
            case Directory: return Errno.EISDIR;
            default: return Missing(path);
        }
    }

    public Errno OpenForWriting(string path, bool truncate)
    {
        switch (Find(path))
        {
            // kernfs looks for a way to store when a file is opened (fs/kernfs/file.c kernfs_fop_open); procfs waits for the write.
            case File { Write: null } when IsInSysfs(path): return Errno.EACCES;
            case File file:
                if (truncate) file.Truncate?.Invoke();
                return Errno.None;
            case Directory: return Errno.EISDIR;
            default: return Missing(path);
        }
    }

    public Errno Write(string path, string text) => Find(path) switch
    {
        File { Write: { } write } => write(text),
        File => IsInSysfs(path) ? Errno.EACCES : Errno.EIO,
        Directory => Errno.EISDIR,
        _ => Missing(path),
    };

    public Errno List(string path, out IReadOnlyList<string> names)
    {
        names = [];
        switch (Find(path))
        {
            case Directory directory:
                names = [.. directory.Names().Order(StringComparer.Ordinal)];
                return Errno.None;
            case File: return Errno.ENOTDIR;
            default: return Missing(path);
        }
    }

    public Errno Stat(string path, out FileStatus status)
    {
        bool sysfs = IsInSysfs(path);
        // tracefs gives others nothing (fs/tracefs/inode.c).
        bool tracefs = (path + "/").StartsWith(TracingFiles.MountPoint + "/", StringComparison.Ordinal);
        switch (Find(path))
        {
            case File file:
                int mode = (file.CanBeRead ? FileStatus.ReadByAll : 0) | (file.CanBeWritten ? FileStatus.WriteByOwner : 0);
                status = new FileStatus(false, tracefs ? mode & ~OthersBits : mode, 1, sysfs && !tracefs ? PageBytes : 0);
                return Errno.None;
            case Directory directory:
                int links = 2 + directory.Names().Count(name => directory.Child(name) is Directory);
                status = new FileStatus(true, tracefs ? FileStatus.HiddenFromOthers : sysfs ? FileStatus.EverythingByOwner : FileStatus.SearchByAll, links, 0);
                return Errno.None;
            default:
                status = default;
                return Missing(path);
        }
    }

    private static bool IsInSysfs(string path) => path.TrimStart('/').StartsWith("sys/", StringComparison.Ordinal);

    /// <summary>Why a path leads nowhere: a step before the last is a file, or is not there.</summary>
    private Errno Missing(string path)
    {
        string parent = path.TrimEnd('/');
        while (parent.LastIndexOf('/') is var slash and > 0)
        {
            parent = parent[..slash];
            if (Find(parent) is { } node) return node is File ? Errno.ENOTDIR : Errno.ENOENT;
        }
        return Errno.ENOENT;
    }

    private Node? Find(string path)
    {
        Node? node = _root;
        foreach (string step in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (step == ".") continue;
            node = (node as Directory)?.Child(step);
            if (node is null) return null;
        }
        return node;
    }

    // ---- the tree --------------------------------------------------------------------------------------------------------------

    private static Directory Fixed(params (string Name, Node Node)[] children) => Directory.Of(children);

    private Directory Root() => Fixed(
        ("proc", WithDriversFiles(Fixed(
            ("interrupts", new File(() => InterruptsFile.Write(_kernel))),
            ("softirqs", new File(() => StatFiles.Softirqs(_kernel))),
            ("stat", new File(() => StatFiles.Stat(_kernel))),
            ("cmdline", new File(() => _kernel.Options.Cmdline + "\n")),
            ("cpuinfo", new File(() => CpuInfoFile.Write(_kernel))),
            ("uptime", new File(Uptime)),
            ("loadavg", new File(() => SchedulerFiles.LoadAverage(_kernel))),
            ("schedstat", new File(() => SchedstatFile.Write(_kernel))),
            ("net", WithDriversEntries("net/", Fixed(("softnet_stat", new File(() => StatFiles.SoftnetStat(_kernel))), ("dev", new File(() => StatFiles.NetDev(_kernel))), ("snmp", new File(() => SnmpFiles.Snmp(_kernel))), ("netstat", new File(() => SnmpFiles.Netstat(_kernel))), ("vlan", VlanFiles.Proc(_kernel.Links))))),
            ("irq", ProcIrq()),
            ("sys", Fixed(
                ("kernel", Fixed([
                    ("osrelease", new File(() => _kernel.Options.Release + "\n")),
                    ("version", new File(() => _kernel.Version + "\n")),
                    .. KernelSysctls.Of(_kernel).Select(sysctl => (sysctl.Name, (Node)Sysctl(sysctl)))])),
                ("net", Fixed(("core", Fixed([
                    ("dev_weight", Weight(() => _kernel.DevWeight, value => _kernel.DevWeight = value)),
                    ("dev_weight_rx_bias", Weight(() => _kernel.DevWeightRxBias, value => _kernel.DevWeightRxBias = value)),
                    ("dev_weight_tx_bias", Weight(() => _kernel.DevWeightTxBias, value => _kernel.DevWeightTxBias = value)),
                    ("netdev_max_backlog", Number(() => _kernel.NetdevMaxBacklog, value => _kernel.NetdevMaxBacklog = (int)value)),
                    ("rps_sock_flow_entries", Number(() => _kernel.SocketFlows.Entries, SetSocketFlows)),
                    .. _kernel.HasBusyPoll ? BusyPoll() : [],
                    ("netdev_budget", Number(() => _kernel.NetdevBudget, value => _kernel.NetdevBudget = (int)value)),
                    ("netdev_budget_usecs", Number(
                        () => _kernel.NetdevBudgetJiffies * 1_000_000 / _kernel.Hz,
                        value => _kernel.NetdevBudgetJiffies = Math.Max(1, (value * _kernel.Hz + 999_999) / 1_000_000)))]))))))))),
        ("dev", Fixed(("kmsg", new File(null, WriteKmsg)))),
        ("lib", Fixed(("modules", new Directory(
            () => _kernel.Modules.Files,
            name => _kernel.Modules.Files.Contains(name) ? new File(null, null) : null)))),
        ("sys", Fixed(
            ("kernel", SysKernel()),
            ("block", BlockFiles.Tree(_kernel)),
            ("module", SysModule()),
            ("class", Fixed(("net", NetClass()))),
            ("bus", Fixed(("pci", new PciFiles(_kernel).Tree()))),
            ("devices", Fixed(("system", Fixed(("cpu", new CpuFiles(_kernel).Tree()), ("node", new NodeFiles(_kernel).Tree()), ("clockevents", new ClockEventFiles(_kernel).Tree()))))))));

    /// <summary>/sys/module, of those that have parameters here.</summary>
    private Directory SysModule() => _kernel.HaltPoll is not { } haltPoll ? Fixed() : Fixed(("haltpoll", Fixed(("parameters", Fixed([
        .. HaltPollParameters.Names.Select(name => (name, (Node)new File(() => haltPoll.Get(name) + "\n", text => haltPoll.Set(name, text))))])))));

    /// <summary>devkmsg_write: a line of a program's own in the ring buffer.</summary>
    private Errno WriteKmsg(string text)
    {
        _kernel.Log(_kernel.Events.NowPs, text.TrimEnd('\n'));
        return Errno.None;
    }

    private Directory WithDriversFiles(Directory own) => new(
        () => own.Names().Concat(_kernel.Pressure.IsEnabled ? ["pressure"] : []).Concat(_kernel.ProcEntries.NamesIn("")).Concat(SchedulerFiles.Pids(_kernel)).Distinct(),
        name => own.Child(name) ?? (name == "pressure" ? SchedulerFiles.Pressure(_kernel) : null) ?? SchedulerFiles.Process(_kernel, name) ?? DriversEntry(name));

    private Directory WithDriversEntries(string folder, Directory own) =>
        new(() => own.Names().Concat(_kernel.ProcEntries.NamesIn(folder)), name => own.Child(name) ?? DriversEntry(folder + name));

    private Node? DriversEntry(string path)
    {
        if (_kernel.ProcEntries.Find(path) is { } entry) return new File(entry.Show, entry.Write);
        return _kernel.ProcEntries.NamesIn(path + "/").Any() ? WithDriversEntries(path + "/", Fixed()) : null;
    }

    /// <summary>kernel/ksysfs.c; only a PREEMPT_RT kernel has the file realtime.</summary>
    private Directory SysKernel()
    {
        (string, Node)[] common = [("irq", SysIrq()), ("tracing", new TracingFiles(_kernel).Tree())];
        return _kernel.Preemption == Scheduling.PreemptionModel.Rt ? Fixed([.. common, ("realtime", new File(() => "1\n"))]) : Fixed(common);
    }

    private string Uptime() => FormattableString.Invariant($"{_kernel.Events.NowPs / 1e12:f2} {_kernel.Cpus.Sum(cpu => cpu.Time[Scheduling.CpuClass.Idle]) / 1e12:f2}\n");

    /// <summary>proc_dointvec_minmax.</summary>
    private static File Sysctl(KernelSysctl sysctl) => new(
        () => sysctl.Get() + "\n",
        sysctl.Set is not { } set ? null : text =>
            long.TryParse(text.Trim(), out long value) && value >= sysctl.Min && value <= sysctl.Max ? set(value) : Errno.EINVAL);

    /// <summary>rps_sock_flow_sysctl: rounded up to a power of two; what is read is what was rounded to.</summary>
    private void SetSocketFlows(long entries)
    {
        _kernel.Sync();
        _kernel.SocketFlows.Entries = (int)Math.Min(entries, 1 << 24);
        _kernel.Replan();
    }

    private (string, Node)[] BusyPoll() =>
    [
        ("busy_poll", Number(() => _kernel.BusyPollUsecs, value => _kernel.BusyPollUsecs = (int)value)),
        ("busy_read", Number(() => _kernel.BusyReadUsecs, value => _kernel.BusyReadUsecs = (int)value)),
    ];

    /// <summary>proc_do_dev_weight, net/core/sysctl_net_core.c: since 6.14, and where that was taken back to older kernels, any number above 0.</summary>
    private File Weight(Func<int> get, Action<int> set) => new(
        () => get() + "\n",
        text =>
        {
            if (!int.TryParse(text.Trim(), out int value) || value < 1) return Errno.EINVAL;
            _kernel.Sync();
            set(value);
            return Errno.None;
        });

    private static File Number(Func<long> get, Action<long> set) => new(
        () => get() + "\n",
        text =>
        {
            if (!long.TryParse(text.Trim(), out long value) || value is < 0 or > int.MaxValue) return Errno.EINVAL;
            set(value);
            return Errno.None;
        });

    private Directory ProcIrq() => new(
        () => _kernel.Irqs.All.Where(desc => desc.IsInProc).Select(desc => desc.Irq.ToString()).Append("default_smp_affinity"),
        name => name == "default_smp_affinity"
            ? new File(_irqs.DefaultAffinity, _irqs.WriteDefaultAffinity)
            : Line(name) is { IsInProc: true } desc ? LineDirectory(desc) : null);

    private IrqDesc? Line(string name) => int.TryParse(name, out int irq) && irq.ToString() == name ? _kernel.Irqs.Find(irq) : null;

    private Directory LineDirectory(IrqDesc desc) => new(
        () => IrqFiles.LineFiles.Concat(HandlerDirectories(desc)),
        name => IrqFiles.LineFiles.Contains(name) ? _irqs.LineFile(desc, name)
            : HandlerDirectories(desc).Contains(name) ? Fixed()
            : null);

    /// <summary>register_handler_proc: procfs takes a name with a slash for a path, finds no such directory, and makes none.</summary>
    private static IEnumerable<string> HandlerDirectories(IrqDesc desc) => desc.Actions.Select(action => action.Name).Where(name => !name.Contains('/')).Distinct();

    private Directory SysIrq() => new(
        () => _kernel.Irqs.All.Select(desc => desc.Irq.ToString()),
        name => Line(name) is { } desc
            ? new Directory(() => IrqFiles.SysFiles, file => IrqFiles.SysFiles.Contains(file) ? new File(() => _irqs.ReadSys(desc, file)) : null)
            : null);

    private Directory NetClass() => new(
        () => _kernel.Links.All.Select(link => link.Name),
        name => _kernel.NetDevices.Find(device => device.Name == name) is { } device ? new NetFiles(_kernel, device).Tree()
            : _kernel.Links.Vlans.FirstOrDefault(vlan => vlan.Name == name) is { } vlan ? VlanFiles.Sys(vlan) : null);
}
