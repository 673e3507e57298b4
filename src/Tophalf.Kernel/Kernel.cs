using Tophalf.Hardware;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Memory;
using Tophalf.Hardware.Processors;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Context;
using Tophalf.Kernel.Entry;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Modules;
using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Networking.PollMode;
using Tophalf.Kernel.Networking.Xdp;
using Tophalf.Kernel.Nmi;
using Tophalf.Kernel.Pci;
using Tophalf.Kernel.Procfs;
using Tophalf.Kernel.Rcu;
using Tophalf.Kernel.Scheduling;
using Tophalf.Kernel.Scheduling.Accounting;
using Tophalf.Kernel.Scheduling.Broadcast;
using Tophalf.Kernel.Scheduling.Delays;
using Tophalf.Kernel.Scheduling.Idle;
using Tophalf.Kernel.Storage;
using Tophalf.Kernel.Tracing;
using Tophalf.Kernel.Watchdog;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel;

/// <summary>One booted kernel: its processors, lines, tasks and devices.</summary>
public sealed partial class Kernel
{
    /// <summary>Behind all that happens to a processor at one moment.</summary>
    private const int StopRank = 1 << 21;

    private const int RunningVectorBase = 0xFF;
    private const long ProcessPatiencePs = 10 * SimTime.Second;

    private readonly List<KernelTask> _tasks = [];
    private readonly List<string> _log = [];
    private readonly HashSet<string> _loggedOnce = [];
    private readonly long _jiffyPs, _initialJiffies;
    private int _nextPid = 2;
    private int _nextNapiId = 8193;

    public Kernel(KernelOptions options, EventQueue events, InterruptFabric fabric, PhysicalMemory memory, CostSet costs)
    {
        Options = options;
        Events = events;
        Fabric = fabric;
        Costs = new KernelCosts(costs);
        _jiffyPs = SimTime.Second / options.Hz;
        _mightSleep = new RateLimit(SimTime.Second, burst: 1);
        _initialJiffies = (uint)(-300 * options.Hz);
        OnlineMask = ActiveMask = CpuMask.FirstCpus(options.Cpus);
        Layout = CpuLayout.Of(options);
        Preemption = ChoosePreemption(options);

        var said = new List<string>();
        Isolation = IsolatedCpus.Parse(options.Parameters, OnlineMask, said);
        TickParameters = TickParameters.Parse(options.Parameters, Isolation.Tickless);
        foreach (string message in said.Concat(TickParameters.Messages)) Log(0, message);
        HasSchedStats = ReadSchedStats(options);
        Selection = new CpuSelection(this);
        HaltPoll = IdleBoot.TakesHaltPoll(options.Parameters, options.IdleStates) ? HaltPollParameters.Parse(options.Parameters) : null;
        IdleStates = HaltPoll is null
            ? IdleBoot.Choose(options.Parameters, options.IdleStates ?? IdleTable.Halt(Costs.IdleExit), Costs.IdleExit)
            : IdleTable.HaltPoll(Costs.IdleExit);
        var code = new CodeMap();
        Tracer = new Tracer(this);
        Vectors = new VectorDomain(this, options.Cpus);
        Irqs = new IrqManager(this);
        Spurious = new SpuriousDetector(this);
        Tasklets = new Tasklets(this);
        Hotplug = new CpuHotplug(this);
        Pci = new PciBus(this);
        Links = new NetLinks(this);
        Modules = new ModuleList(this);
        var entry = new KernelEntry(this, memory, code);
        RealTimeBandwidth = new RealTimeBandwidth(this);
        Broadcast = new TickBroadcast(this);
        Cpus = new Cpu[options.Cpus];
        _wakeLists = [.. Cpus.Select(_ => new List<KernelTask>())];
        _coming = new int[Cpus.Length];
        for (int i = 0; i < Cpus.Length; i++)
        {
            var processor = new Processor(i, memory, code, new LocalApic((uint)i, fabric));
            processor.LoadIdt(entry.IdtBase, 256 * InterruptGate.Size - 1);
            processor.Apic.Write(LocalApic.TprOffset, 0x10, 0); // vectors below 0x20 are never delivered
            processor.Apic.Write(LocalApic.SvrOffset, 1 << 8 | RunningVectorBase, 0);
            Cpus[i] = new Cpu(this, i, processor, memory);
        }
        Timers = new Timers(this);
        IrqWorks = new IrqWorks(this);
        IrqWorks.AddThreads();
        SmpCalls = new SmpCalls(this);
        bool hasKtimers = Irqs.Parameters.ThreadIrqs && new KernelProfile(options.Release).HasKtimers(Preemption);
        foreach (Cpu cpu in Cpus)
        {
            cpu.Softirqs.Ksoftirqd = new KsoftirqdTask(cpu);
            AddTask(cpu.Softirqs.Ksoftirqd, cpu);
            cpu.Stopper = new StopperTask(this, cpu);
            AddTask(cpu.Stopper, cpu);
            if (hasKtimers) AddTask(cpu.Softirqs.Ktimers = new KtimersTask(cpu), cpu);
            cpu.Tick.Boot(0);
            cpu.Boot(0);
        }
        Rcu = new RcuState(this);
        Workqueues = new Workqueues(this);
        RemoteTick.Start(this);
        Balancer = new LoadBalancer(this);
        BlockSoftirq = new BlockSoftirq(this);
        LoadAverage = new LoadAverage(this);
        Pressure = new PressureStall(this);
        Nmi = new NmiHandlers(this);
        Lockups = new LockupDetector(this);
        Backtraces = new NmiBacktrace(this);
        Nmi.Register(NmiType.Local, HandlePerfNmi, NmiFlags.None, "PMI");
        foreach (Cpu cpu in Cpus) AddTask(new DormantThread($"cpuhp/{cpu.Id}", CpuMask.Of(cpu.Id)) { IsPerCpuThread = true }, cpu);
        // setup_local_APIC: the NMI pin of the boot processor.
        Cpus[0].Apic.Write(LocalApic.LvtLint1Offset, (uint)DeliveryMode.Nmi << 8, 0);
    }

    public KernelOptions Options { get; }

    /// <summary>When the tick stops.</summary>
    public TickParameters TickParameters { get; }

    /// <summary>Timers of processors that sleep too deep for their own.</summary>
    public TickBroadcast Broadcast { get; }

    /// <summary>Processors set apart on the command line.</summary>
    public IsolatedCpus Isolation { get; }

    /// <summary>The load averages of /proc/loadavg.</summary>
    public LoadAverage LoadAverage { get; }

    /// <summary>What /proc/pressure tells.</summary>
    public PressureStall Pressure { get; }

    internal CpuSelection Selection { get; }
    internal LoadBalancer Balancer { get; }

    /// <summary>kernel.sched_schedstats, and schedstats=enable on the command line: the scheduler counts what it does. Off unless somebody asks.</summary>
    public bool HasSchedStats { get; internal set; }

    /// <summary>What real-time tasks may use.</summary>
    internal RealTimeBandwidth RealTimeBandwidth { get; }

    /// <summary>Real-time tasks that run or want to, on all processors.</summary>
    internal int RealTimeRunnable { get; set; }

    /// <summary>How they poll before they halt; null where they do not.</summary>
    public HaltPollParameters? HaltPoll { get; }

    /// <summary>How processors idle.</summary>
    internal IdleTable IdleStates { get; }

    /// <summary>How long wake-ups and interrupts took, and the worst of them explained.</summary>
    public DelayLog Delays { get; } = new();

    /// <summary>The preemption model in force.</summary>
    public PreemptionModel Preemption { get; }

    /// <summary>What <c>uname -v</c> prints, but for the date of a build.</summary>
    public string Version => $"#1 SMP {Preemption.VersionWord()}";

    /// <summary>setup_schedstats (kernel/sched/core.c).</summary>
    private bool ReadSchedStats(KernelOptions options)
    {
        bool isOn = false;
        foreach ((_, string value) in options.Parameters.Where(parameter => parameter.Name == "schedstats"))
        {
            if (value is "enable" or "disable") isOn = value == "enable";
            else Log(0, "Unable to parse schedstats=");
        }
        return isOn;
    }

    private PreemptionModel ChoosePreemption(KernelOptions options)
    {
        if (options.Preemption == PreemptionModel.Rt) return PreemptionModel.Rt;
        var messages = new List<string>();
        PreemptionModel chosen = Scheduling.Preemption.Parse(options.Parameters, messages) ?? options.Preemption;
        foreach (string message in messages) Log(0, message);
        return chosen;
    }

    public EventQueue Events { get; }
    public InterruptFabric Fabric { get; }
    public KernelCosts Costs { get; }
    public Cpu[] Cpus { get; }
    public VectorDomain Vectors { get; }

    /// <summary>The tracepoints and what they recorded: /sys/kernel/tracing.</summary>
    public Tracer Tracer { get; }

    /// <summary>The 8259 pair as this kernel drives it; null on a board without one.</summary>
    public LegacyPic? Pic { get; private set; }

    internal long SpuriousPicInterrupts => Pic?.Spurious ?? 0;

    /// <summary>
    /// init_IRQ with a PIC: it is programmed and stays masked. With noapic it is what the ISA lines have, and LINT0 of the boot processor takes its word (ExtINT).
    /// </summary>
    public void AttachPic(Pic8259Pair pair)
    {
        const uint extInt = 7 << 8, masked = 1 << 16;
        Pic = new LegacyPic(this, pair);
        Fabric.ExternalAcknowledge = nowPs => pair.Acknowledge(nowPs);
        Cpus[0].Apic.Write(LocalApic.LvtLint0Offset, Irqs.Parameters.NoApic ? extInt : extInt | masked, Events.NowPs);
    }
    public IrqManager Irqs { get; }
    public NmiHandlers Nmi { get; }
    public LockupDetector Lockups { get; }
    public NmiBacktrace Backtraces { get; }

    private int HandlePerfNmi(NmiType type, in InterruptFrame regs) => Lockups[CurrentCpu!].HandleNmi();

    /// <summary>RAM that a kernel of so many processors needs, devices apart.</summary>
    public static int MemoryBytes(int cpus) => 128 * 1024 + cpus * CpuStacks.BytesPerCpu;

    public Timers Timers { get; }
    public Tasklets Tasklets { get; }
    public IrqWorks IrqWorks { get; }
    public SmpCalls SmpCalls { get; }
    public Workqueues Workqueues { get; }
    public RcuState Rcu { get; }
    internal SpuriousDetector Spurious { get; }
    public PciBus Pci { get; }
    public ModuleList Modules { get; }
    public ProcEntries ProcEntries { get; } = new();
    public KernelSymbols Symbols { get; } = new();
    public List<NetDevice> NetDevices { get; } = [];

    /// <summary>All interfaces, VLAN devices too.</summary>
    public NetLinks Links { get; }

    /// <summary>Maps and programs that were loaded.</summary>
    public BpfObjects Bpf { get; } = new();

    /// <summary>Cards given away, whose rings applications poll.</summary>
    public List<PollModePort> PollModePorts { get; } = [];

    public List<BlockDevice> BlockDevices { get; } = [];
    internal BlockSoftirq BlockSoftirq { get; }

    /// <summary>net.core.rps_sock_flow_entries and the table behind it.</summary>
    public SocketFlowTable SocketFlows { get; } = new();

    /// <summary>MIN_NAPI_ID and up: numbers below belong to processors (include/net/busy_poll.h, with NR_CPUS of a distribution's kernel).</summary>
    internal int NextNapiId() => _nextNapiId++;

    /// <summary>cpu_online_mask; <see cref="Hotplug"/> changes it.</summary>
    public CpuMask OnlineMask { get; internal set; }

    /// <summary>cpu_active_mask: processors that tasks may go to; one that is on its way down has left it before it leaves <see cref="OnlineMask"/>.</summary>
    internal CpuMask ActiveMask { get; set; }
    public CpuHotplug Hotplug { get; }

    /// <summary>The processors of <see cref="OnlineMask"/>, in their order.</summary>
    public IEnumerable<Cpu> OnlineCpus => Cpus.Where(cpu => OnlineMask.Contains(cpu.Id));

    public CpuLayout Layout { get; }

    /// <summary>cpumask_of_node, of the processors online; all of them for a node that is not known.</summary>
    internal CpuMask NodeMask(int node) => (uint)node < (uint)Layout.Nodes.Count ? Layout.Nodes[node].And(OnlineMask) : OnlineMask;

    public int CpuCount => Options.Cpus;
    public int Hz => Options.Hz;

    /// <summary>The processor whose hard interrupt code is running, as smp_processor_id() would say; null outside.</summary>
    public Cpu? CurrentCpu { get; internal set; }

    /// <summary>smp_processor_id() of the code that calls; what is called from outside any of them counts as called on the boot processor.</summary>
    internal Cpu ThisCpu => CurrentCpu ?? Cpus[0];

    /// <summary>Now, as the code that calls sees it.</summary>
    internal long LocalNowPs => CurrentCpu?.LocalPs ?? Events.NowPs;

    /// <summary>The code that calls spends time.</summary>
    internal void Spend(long ps) => CurrentCpu?.Spend(ps);

    /// <summary>Follows one interrupt hop by hop; null when nobody asked.</summary>
    public HopTrace? Trace
    {
        get => Fabric.Trace;
        set => Fabric.Trace = value;
    }

    /// <summary>net.core.netdev_budget, and netdev_budget_usecs (two ticks' worth) in jiffies.</summary>
    public int NetdevBudget { get; set; } = 300;

    /// <summary>net.core.dev_weight and its factors: how many packets a poll of a backlog takes (weight_p * dev_weight_rx_bias); the other is for queueing disciplines, of which there are none.</summary>
    public int DevWeight { get; set; } = Networking.NapiContext.Weight;
    public int DevWeightRxBias { get; set; } = 1;
    public int DevWeightTxBias { get; set; } = 1;
    public long NetdevBudgetJiffies { get; set; } = 2;

    /// <summary>net.core.netdev_max_backlog.</summary>
    public int NetdevMaxBacklog { get; set; } = 1000;

    /// <summary>Packets that tasks took by polling for themselves (LINUX_MIB_BUSYPOLLRXPACKETS).</summary>
    internal long BusyPolledPackets { get; set; }

    /// <summary>CONFIG_NET_RX_BUSY_POLL (net/Kconfig): not with PREEMPT_RT where netconsole is built too, as distributions do.</summary>
    internal bool HasBusyPoll => Preemption != PreemptionModel.Rt;

    /// <summary>net.core.busy_poll and net.core.busy_read: how long tasks poll before they sleep, in epoll_wait and in recv; 0: not at all.</summary>
    public int BusyPollUsecs { get; set; }
    public int BusyReadUsecs { get; set; }

    // ---- time ------------------------------------------------------------------------------------------------------------------

    /// <summary>The length of a tick.</summary>
    public long TickPs => _jiffyPs;

    /// <summary>jiffies: it begins five minutes before its lower half overflows, so that code which cannot bear that shows soon (INITIAL_JIFFIES).</summary>
    public long Jiffies(long nowPs) => _initialJiffies + nowPs / _jiffyPs;

    /// <summary>The moment at which jiffies becomes this.</summary>
    public long JiffyPs(long jiffies) => (jiffies - _initialJiffies) * _jiffyPs;
    public long NextJiffyPs(long nowPs) => (nowPs / _jiffyPs + 1) * _jiffyPs;

    /// <summary>msecs_to_jiffies: rounded up.</summary>
    public long MsecsToJiffies(long ms) => (ms * Hz + 999) / 1000;

    /// <summary>jiffies, as the code that calls sees it.</summary>
    public long JiffiesNow => Jiffies(LocalNowPs);

    // ---- log -------------------------------------------------------------------------------------------------------------------

    /// <summary>The kernel's ring buffer, as dmesg prints it.</summary>
    public IReadOnlyList<string> Dmesg => _log;

    public void Log(long nowPs, string text)
    {
        if (_log.Count < 10_000) _log.Add($"[{nowPs / SimTime.Second,5}.{nowPs % SimTime.Second / SimTime.Microsecond:d6}] {text}");
    }

    /// <summary>dmesg -c.</summary>
    public void ClearLog() => _log.Clear();

    internal void LogOnce(long nowPs, string text)
    {
        if (_loggedOnce.Add(text)) Log(nowPs, text);
    }

    /// <summary>Tasks that have another priority than their own and their locks' waiters' give them, for the checker. Always 0.</summary>
    public int WrongPriorities => Tasks.Count(task => task.LentPriority != task.MostLent());

    // ---- tasks -----------------------------------------------------------------------------------------------------------------

    public IReadOnlyList<KernelTask> Tasks => _tasks;

    /// <summary>Makes a task known, asleep, on a processor.</summary>
    public void AddTask(KernelTask task, Cpu cpu)
    {
        task.Pid = _nextPid++;
        task.Cpu = cpu;
        _tasks.Add(task);
    }

    /// <summary>do_exit of a thread that sleeps and will not be woken again; what is left of it goes after a grace period (put_task_struct_rcu_user).</summary>
    internal void ExitThread(KernelTask task)
    {
        RemoveTask(task);
        Rcu.Call(new RcuHead(() => { }));
    }

    private void RemoveTask(KernelTask task)
    {
        if (task.Policy.IsFair()) task.Cpu.Runqueue.Forget(task);
        _tasks.Remove(task);
    }

    /// <summary>
    /// A process in a system call that may sleep: the machine runs until the call returns. EINTR when it has not after ten seconds, as if its user had given up.
    /// Called between events, never from one.
    /// </summary>
    public Errno RunProcess(string comm, IEnumerable<Sleep> steps)
    {
        var process = new ProcessTask(this, comm, steps);
        AddTask(process, Cpus[OnlineMask.First]);
        Wake(process, process.Cpu, Events.NowPs);
        PayDebts();
        long giveUpPs = Events.NowPs + ProcessPatiencePs;
        while (!process.IsDone || !process.IsSleeping)
        {
            if (Events.NextPs > giveUpPs)
            {
                Events.RunUntil(giveUpPs);
                Sync();
                return Errno.EINTR;
            }
            Events.RunOne();
        }
        RemoveTask(process);
        Sync();
        return Errno.None;
    }

    /// <summary>What a poll in progress was planned with has changed.</summary>
    internal void Replan()
    {
        foreach (Cpu cpu in Cpus) cpu.ReplanPoll(Events.NowPs);
    }

    /// <summary>The same, of what tasks do in system calls too.</summary>
    internal void ReplanTasks()
    {
        foreach (Cpu cpu in Cpus) cpu.ReplanTask(Events.NowPs);
    }

    /// <summary>Interrupts that were sent outside of any plan's end are paid for from now on, whatever the plans are.</summary>
    public void PayDebts()
    {
        foreach (Cpu cpu in Cpus) cpu.PayNow(Events.NowPs);
    }

    /// <summary>Brings the books up to the present: every processor's first, for a poll may have taken what made room in a ring, then the cards'.</summary>
    public void Sync()
    {
        foreach (Cpu cpu in Cpus) cpu.Sync(Events.NowPs);
        foreach (NetDevice device in NetDevices) device.Controller.Pump(Events.NowPs);
        foreach (PollModePort port in PollModePorts) port.Controller.Pump(Events.NowPs);
    }
}
