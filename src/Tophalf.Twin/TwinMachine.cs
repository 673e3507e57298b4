using System.Runtime.InteropServices;
using Tophalf.Hardware;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Devices;
using Tophalf.Hardware.Memory;
using Tophalf.Kernel;
using Tophalf.Kernel.Drivers;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Modules.Pktgen;
using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Networking.PollMode;
using Tophalf.Kernel.Networking.Xdp;
using Tophalf.Kernel.Procfs;
using Tophalf.Kernel.Storage;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Twin.Scenarios;
using Tophalf.Twin.Workloads;
using Tophalf.Userland;
using Tophalf.Userland.Shell;

namespace Tophalf.Twin;

/// <summary>
/// A whole machine of ours: board, kernel, devices and a shell. Time passes when it sleeps or is run, and only then.
/// </summary>
public sealed class TwinMachine : ILinuxMachine, IUserlandHost
{
    private readonly ShellSession _shell;
    private readonly Dictionary<int, int[]> _holdersOfPin = [];

    internal TwinMachine(Scenario scenario, ulong seed, bool exact, CostSet costs)
    {
        Scenario = scenario;
        Seed = seed;
        Costs = costs;
        MachineSpec spec = scenario.Machine;
        Events = new EventQueue();
        Fabric = new InterruptFabric(Events, new HardwareCosts(costs));
        HardwareLog = new HardwareLog(capacity: 1000);
        Fabric.Events = HardwareLog;
        Memory = new PhysicalMemory(Tophalf.Kernel.Kernel.MemoryBytes(spec.Cpus));
        var options = new KernelOptions
        {
            Cpus = spec.Cpus,
            Sockets = spec.Sockets,
            ThreadsPerCore = spec.Threads,
            Hz = spec.Kernel.Hz,
            Release = spec.Kernel.Release,
            Cmdline = spec.Kernel.Cmdline,
            HasLegacyPic = spec.HasLegacyPic,
            Preemption = spec.Kernel.Preemption,
            IrqTimeAccounting = spec.Kernel.IrqTimeAccounting,
            IdleStates = IdleTables.Find(scenario),
            HasArat = spec.HasArat,
            DebugAtomicSleep = spec.Kernel.DebugAtomicSleep,
            Exact = exact,
        };
        Kernel = new Kernel.Kernel(options, Events, Fabric, Memory, costs);
        IoApic = new IoApic(0, gsiBase: 0, Fabric);
        IoApicChip = new IoApicChip(IoApic);
        Pic = new Pic8259Pair((active, atPs) => Kernel.Cpus[0].Apic.SetLint(0, active, atPs));
        Kernel.AttachPic(Pic);
        SystemControl = new SystemControlPort((active, atPs) => Kernel.Cpus[0].Apic.SetLint(1, active, atPs));
        Kernel.Nmi.ReasonPort = SystemControl;
        Kernel.Modules.Add(PktgenModule.ModuleName, () => new PktgenModule(seed));
        Files = new KernelFiles(Kernel);
        _shell = new ShellSession(this);
    }

    public Scenario Scenario { get; }
    public ulong Seed { get; }
    public CostSet Costs { get; }
    public EventQueue Events { get; }
    public InterruptFabric Fabric { get; }

    /// <summary>Accesses to reserved or undefined registers, by name; empty unless some driver or kernel code of the twin is wrong.</summary>
    public HardwareLog HardwareLog { get; }

    public PhysicalMemory Memory { get; }
    public Kernel.Kernel Kernel { get; }
    public IoApic IoApic { get; }
    public Pic8259Pair Pic { get; }

    /// <summary>Port 0x61, where SERR# and IOCHK# of the board end.</summary>
    public SystemControlPort SystemControl { get; }
    internal IrqChip IoApicChip { get; }
    public IFileTree Files { get; }

    public List<NetDevice> NetDevices => Kernel.NetDevices;

    /// <summary>Cards that the kernel has given away.</summary>
    public List<PollModePort> PollModePorts => Kernel.PollModePorts;

    /// <summary>The tasks of the scenario, by entry.</summary>
    public List<TaskLoad> TaskLoads { get; } = [];

    /// <summary>Who reads from disks.</summary>
    public List<ReaderTask> Readers { get; } = [];

    /// <summary>Who sends requests and waits for answers, by entry of the scenario.</summary>
    public List<RequestClients> Clients { get; } = [];

    /// <summary>Who sends streams, by entry of the scenario.</summary>
    public List<BulkStreams> Streams { get; } = [];

    public List<Serial8250> SerialPorts { get; } = [];

    /// <summary>Line devices by name; one driver per vector.</summary>
    public Dictionary<string, List<LineDriver>> LineDevices { get; } = [];

    /// <summary>
    /// The wire of an interrupt line: to its pin of the I/O APIC and, for an ISA line, to the 8259 pair too, as boards have it; which of the two is masked is the
    /// kernel's business. An 8259 wants the line held until it is acknowledged, so a pulse stays up until the next one.
    /// </summary>
    internal InterruptLine LineOf(int pin, bool isLevel)
    {
        bool onPic = pin < Pic8259Pair.Lines && pin != Pic8259Pair.CascadeLine;
        int[] holders = CollectionsMarshal.GetValueRefOrAddDefault(_holdersOfPin, pin, out _) ??= [0];
        bool holds = false;
        return (active, atPs) =>
        {
            // A level line is active as long as one of the devices on it holds it.
            if (isLevel && active != holds)
            {
                holds = active;
                holders[0] += active ? 1 : -1;
                if (holders[0] != (active ? 1 : 0)) return;
            }
            IoApic.SetLine(pin, active, atPs);
            if (!onPic || !(isLevel || active)) return;
            if (!isLevel) Pic.SetLine(pin, false, atPs);
            Pic.SetLine(pin, active, atPs);
        };
    }

    /// <summary>The kernel's line on that pin, with the controller it uses.</summary>
    internal IrqDesc AddPin(int pin, bool isLevel, int? number) => Kernel.Irqs.Parameters.NoApic
        ? Kernel.Pic!.AddLine(pin, isLevel)
        : Kernel.Irqs.AddPin(IoApicChip, pin, isLevel, number);

    /// <summary>The legacy lines no device is wired to. With noapic a line of the pair is there for its device only.</summary>
    internal void AddLegacyLines(IReadOnlyList<DeviceSpec> devices)
    {
        if (!Kernel.Options.HasLegacyPic) return;
        // Set up while its line is masked.
        Kernel.Broadcast.Install(new LegacyTimers(this).ClockEvent());
        if (!Kernel.Irqs.Parameters.NoApic) Kernel.Irqs.AddLegacyLines(IoApicChip, irq => devices.Any(device => device.Irq == irq));
        else if (!Kernel.Options.HasArat) Kernel.Irqs.RequestTimer(Kernel.Pic!.AddLine(0, isLevel: false));
    }

    /// <summary>Names <see cref="Follow"/> knows: devices, then handlers.</summary>
    public IEnumerable<string> FollowableNames =>
        NetDevices.Select(device => device.Name).Concat(SerialPorts.Select(port => port.Name)).Concat(LineDevices.Keys)
            .Concat(Kernel.Irqs.All.SelectMany(desc => desc.Actions).Select(action => action.Name)).Distinct();

    public bool Knows(string name) => FollowableNames.Contains(name);

    /// <summary>The device a line belongs to; empty for none of ours.</summary>
    public string DeviceOf(IrqDesc desc)
    {
        foreach (NetDevice device in NetDevices)
        {
            if (device.Lines.Contains(desc)) return device.Name;
        }
        foreach (Serial8250 port in SerialPorts)
        {
            if (port.Line == desc) return port.Name;
        }
        return LineDevices.FirstOrDefault(pair => pair.Value.Any(driver => driver.Line == desc)).Key ?? "";
    }

    /// <summary>Follows the first interrupt of this device, or of the line with this handler name, from now on.</summary>
    public void Follow(string name)
    {
        var trace = new HopTrace(name, Events.NowPs);
        Kernel.Trace = trace;
        foreach (NetDevice device in NetDevices) device.Controller.Trace = trace;
        foreach (Serial8250 port in SerialPorts) port.Uart.Trace = trace;
        foreach (LineDriver driver in LineDevices.Values.SelectMany(drivers => drivers)) driver.Device.Trace = trace;
    }

    /// <summary>Lets the machine run until <paramref name="untilPs"/>.</summary>
    public void RunUntil(long untilPs)
    {
        // What somebody at the machine's files has had woken meanwhile is no processor's plan yet.
        Kernel.PayDebts();
        Events.RunUntil(untilPs);
        Kernel.Sync();
    }

    // ---- as a Linux machine ----------------------------------------------------------------------------------------------------

    public string Read(string path)
    {
        Errno error = Files.Read(path, out string text);
        return error == Errno.None ? text : throw new LinuxException(error, path);
    }

    public void Write(string path, string text)
    {
        Errno error = Files.OpenForWriting(path, truncate: true);
        if (error == Errno.None) error = Files.Write(path, text);
        if (error != Errno.None) throw new LinuxException(error, path);
    }

    public IReadOnlyList<string> List(string path)
    {
        Errno error = Files.List(path, out IReadOnlyList<string> names);
        return error == Errno.None ? names : throw new LinuxException(error, path);
    }

    public CommandResult Run(string commandLine) => _shell.Run(commandLine);

    /// <summary>The same; <paramref name="heard"/> gets what is written in the order it is written, with true for stderr.</summary>
    public CommandResult Run(string commandLine, Action<string, bool> heard) => _shell.Run(commandLine, heard: heard);

    /// <summary>Runs a script that must not fail; null, or what failed first.</summary>
    public CommandFailure? RunScript(string script, out string output)
    {
        CommandResult result = _shell.Run(script, stopOnError: true);
        output = result.Output + result.Error;
        return result.Status == 0 ? null : _shell.FirstFailure;
    }

    /// <summary>The shell was left with exit.</summary>
    public bool HasExited => _shell.Exited;

    public long NowNs => Events.NowPs / SimTime.Nanosecond;
    public void Sleep(long durationNs) => RunUntil(Events.NowPs + durationNs * SimTime.Nanosecond);

    // ---- as the host of its own programs ---------------------------------------------------------------------------------------

    public IEthtoolOps? FindInterface(string name) => NetDevices.Find(device => device.Name == name);
    public IReadOnlyList<NapiState> Napis => [.. NetDevices.SelectMany(device => device.NapiStates(device.InterfaceIndex).Reverse())];

    public Errno SetNapi(NapiChange change) => NetDevices.Any(device => device.TrySet(change)) ? Errno.None : Errno.ENOENT;

    public EthtoolResult AttachXdp(string name, XdpProgram? program, XdpMode? mode, bool replace) =>
        NetDevices.Find(device => device.Name == name)?.AttachXdp(program, mode, replace) ?? new EthtoolResult(Errno.ENODEV);

    public IReadOnlyList<LinkState> Links => Kernel.Links.All;

    public EthtoolResult SetMtu(string name, int mtu) => Kernel.Links.SetMtu(name, mtu);
    public EthtoolResult AddVlan(string? link, string name, int? id) => Kernel.Links.AddVlan(link, name, id);
    public EthtoolResult RemoveLink(string name) => Kernel.Links.Remove(name);
    public EthtoolResult SetFunctionLimit(string name, int function, int megabits) => Kernel.Links.SetFunctionLimit(name, function, megabits);
    public EthtoolResult SetLinkUp(string name, bool isUp) => Kernel.Links.SetUp(name, isUp);
    public IReadOnlyList<BpfMap> BpfMaps => Kernel.Bpf.Maps;

    public IReadOnlyList<string> Interfaces => [.. Links.Select(link => link.Name)];
    public int OnlineCpus => Kernel.OnlineMask.Count;
    public string Release => Kernel.Options.Release;
    public string Version => Kernel.Version;
    public IReadOnlyList<string> KernelLog => Kernel.Dmesg;
    public void ClearKernelLog() => Kernel.ClearLog();
    public Errno InsertModule(string name) => Kernel.Modules.Insert(name);
    public Errno RemoveModule(string name) => Kernel.Modules.Remove(name);
}
