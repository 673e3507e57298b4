using Tophalf.Hardware;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Devices;
using Tophalf.Hardware.Memory;
using Tophalf.Hardware.Pci;
using Tophalf.Kernel;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Procfs;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Twin.Checkers;
using Xunit;

namespace Tophalf.Tests.Shared;

/// <summary>A board and a kernel without a scenario: devices and drivers are the test's own. The processors' books are checked after every run.</summary>
internal sealed class KernelBench
{
    /// <param name="cpus">How many processors.</param>
    /// <param name="costs">server-3ghz when not given.</param>
    /// <param name="hz">CONFIG_HZ.</param>
    /// <param name="cmdline">The kernel's command line.</param>
    /// <param name="configure">Further options. Without them the kernel has no lockup detector, whose timers are seldom what a test is about.</param>
    public KernelBench(int cpus = 1, CostSet? costs = null, int hz = 250, string cmdline = "", Func<KernelOptions, KernelOptions>? configure = null)
    {
        configure ??= options => options with { HasLockupDetector = false };
        costs ??= CostSet.BuiltIn("server-3ghz");
        Events = new EventQueue();
        Fabric = new InterruptFabric(Events, new HardwareCosts(costs));
        Kernel = new Tophalf.Kernel.Kernel(
            configure(new KernelOptions { Cpus = cpus, Hz = hz, Cmdline = cmdline }), Events, Fabric, new PhysicalMemory(Tophalf.Kernel.Kernel.MemoryBytes(cpus)), costs);
        IoApic = new IoApic(0, gsiBase: 0, Fabric);
        Pins = new IoApicChip(IoApic);
        Files = new KernelFiles(Kernel);
    }

    public EventQueue Events { get; }
    public InterruptFabric Fabric { get; }
    public Tophalf.Kernel.Kernel Kernel { get; }
    public IoApic IoApic { get; }
    public IoApicChip Pins { get; }
    public KernelFiles Files { get; }
    public IrqManager Irqs => Kernel.Irqs;
    public List<PciFunction> Functions { get; } = [];
    public long NowPs => Events.NowPs;

    /// <summary>The log without its time stamps.</summary>
    public IEnumerable<string> Log => Kernel.Dmesg.Select(line => line[(line.IndexOf(']') + 2)..]);

    /// <summary>A PCI function with MSI-X on.</summary>
    public PciFunction Function(int entries)
    {
        var function = new PciFunction(new PciAddress(0, (byte)(Functions.Count + 1), 0, 0), entries, Fabric);
        function.Msix.IsEnabled = true;
        Functions.Add(function);
        return function;
    }

    /// <summary>A device with one MSI-X entry, and its line.</summary>
    public (PulseDevice Device, IrqDesc Line) Message(string name = "dev")
    {
        PciFunction function = Function(1);
        return (PulseDevice.OnEntry(name, function.Msix, 0, Events), Irqs.AddMessage(new MsixChip(function), 0));
    }

    /// <summary>A device on a pin of the I/O APIC, and its line.</summary>
    public (PulseDevice Device, IrqDesc Line) Pin(int pin, bool isLevel, string name = "dev") =>
        (PulseDevice.OnPin(name, (active, atPs) => IoApic.SetLine(pin, active, atPs), isLevel, Events), Irqs.AddPin(Pins, pin, isLevel));

    /// <summary>A handler that claims what its device raised, and counts.</summary>
    public void Claim(IrqDesc line, PulseDevice device, Action<Cpu>? also = null) => Assert.Equal(0, Irqs.RequestIrq(line.Irq, (_, _) =>
    {
        Cpu cpu = Kernel.CurrentCpu!;
        device.Acknowledge(cpu.LocalPs);
        also?.Invoke(cpu);
        return IrqReturn.Handled;
    }, IrqFlags.None, device.Name, device));

    public void At(long atPs, Action action) => Events.Schedule(new CallbackEvent(_ => action()), atPs);

    public void RunFor(long ps) => RunUntil(NowPs + ps);

    public void RunUntil(long untilPs)
    {
        Events.RunUntil(untilPs);
        Kernel.Sync();
        foreach (Cpu cpu in Kernel.Cpus)
        {
            Assert.Null(Audit.EveryPicosecondOnce(cpu.Id, cpu.Time.TotalPs, cpu.AccountedUntilPs));
            Assert.Null(Audit.RequestsBalance(cpu.Id, cpu.Apic.Accepted, cpu.Apic.Acknowledged, cpu.Apic.Merged, cpu.Apic.Pending));
            Assert.Null(Audit.NoEoiWithoutService(cpu.Id, cpu.Apic.EoiWithoutService));
            Assert.Null(Audit.NoSoftirqWhileDisabled(cpu.Id, cpu.Softirqs.RanWhileDisabled));
            Assert.Null(Audit.NoSoftirqForgotten(cpu.Id, cpu.IsIdle && !cpu.AreBottomHalvesBlocked, cpu.Softirqs.Pending));
        }
        Assert.All(Audit.WakeUpsAndQueues(Kernel), Assert.Null);
        Assert.Null(Audit.NoTaskletTwice(Kernel.Tasklets.RanTwice));
        Assert.Null(Audit.WorkBalances(Kernel.Workqueues.Queued, Kernel.Workqueues.Through, Kernel.Workqueues.Cancelled, Kernel.Workqueues.InFlight));
        Assert.Null(Audit.CallbacksBalance(Kernel.Rcu.Queued, Kernel.Rcu.Invoked, Kernel.Rcu.Waiting));
        Assert.Null(Audit.GracePeriodsAreWhole(Kernel.Rcu.CalledEarly, Kernel.Rcu.EndedEarly));
        foreach (IrqDesc line in Irqs.All) Assert.Null(Audit.HandlersInsideTheMask(line.Irq, line.StrayDeliveries));
    }

    public string Read(string path)
    {
        Errno error = Files.Read(path, out string text);
        Assert.Equal(Errno.None, error);
        return text;
    }

    public Errno Write(string path, string text) => Files.Write(path, text);
}
