using System.Collections.Immutable;
using System.Globalization;

namespace Tophalf.Linux.Sampling;

/// <summary>Who stands behind an interrupt, and where it may go. What the machine does not tell is null.</summary>
/// <param name="Device">Network interface or disk, else PCI slot, else the name in front of the queue's.</param>
/// <param name="Queue">As the handler's name ends: rx-1, TxRx-3, 5.</param>
/// <param name="Thread">Its irq/N thread, if it has one.</param>
/// <param name="IsManaged">The kernel spreads it and takes no writes (IRQD_AFFINITY_MANAGED): its smp_affinity cannot be written.</param>
public sealed record IrqPlace(
    string? Device, string? Driver, string? Queue, int? Node, CpuMask? Affinity, CpuMask? Effective, CpuMask? Hint, bool? IsManaged, string? Thread);

/// <summary>Finds the places of interrupts, and keeps each for ten seconds of the machine's time: they are many files and rarely change.</summary>
public sealed class IrqPlaces(ILinuxMachine machine)
{
    private const long KeptNs = 10_000_000_000;

    private readonly Dictionary<int, (IrqPlace Place, long AtNs)> _known = [];
    private Dictionary<int, SysPciDevice> _devices = [];
    private ImmutableArray<KernelThread> _threads = [];
    private HashSet<int> _managed = [];
    private bool _knowsManaged;
    private long? _readNs;

    /// <param name="irq">Linux interrupt number.</param>
    /// <param name="handler">Name of its first handler.</param>
    public IrqPlace Of(int irq, string handler)
    {
        long nowNs = machine.NowNs;
        if (_known.TryGetValue(irq, out (IrqPlace Place, long AtNs) known) && nowNs - known.AtNs < KeptNs)
            return known.Place;
        if (_readNs is not { } readNs || nowNs - readNs >= KeptNs)
            ReadMachine(nowNs);
        IrqPlace place = Read(irq, handler);
        _known[irq] = (place, nowNs);
        return place;
    }

    private IrqPlace Read(int irq, string handler)
    {
        IrqSettings? settings = null;
        try
        {
            settings = IrqDirectory.ReadIrq(machine, irq);
        }
        catch (Exception exception) when (exception is LinuxException or ReaderException)
        {
            // Hidden, or gone meanwhile: then nothing is known of it.
        }
        _devices.TryGetValue(irq, out SysPciDevice? device);
        string? queue = QueueName.Parse(handler)?.Label, owner = device?.Name ?? QueueName.Owner(handler);
        return new IrqPlace(
            owner, device?.Driver, queue, settings?.Node ?? device?.Node, settings?.Affinity, settings?.EffectiveAffinity, settings?.AffinityHint,
            _knowsManaged ? _managed.Contains(irq) : null, _threads.FirstOrDefault(thread => thread.Irq == irq)?.Name);
    }

    private void ReadMachine(long nowNs)
    {
        _readNs = nowNs;
        _devices = [];
        foreach (SysPciDevice device in PciDevices.Read(machine))
        {
            foreach (int irq in device.MsiIrqs)
                _devices.TryAdd(irq, device);
        }
        try
        {
            _threads = KernelThreads.Read(machine);
        }
        catch (LinuxException)
        {
            _threads = [];
        }
        ReadManaged();
    }

    /// <summary>The kernel takes the write bits away from what it manages itself (kernel/irq/proc.c, register_irq_proc).</summary>
    private void ReadManaged()
    {
        _managed = [];
        CommandResult listed;
        try
        {
            listed = machine.Run("ls -l /proc/irq/*/smp_affinity");
        }
        catch (LinuxException)
        {
            return;
        }
        foreach (TextLine line in new TextLines(listed.Output))
        {
            ReadOnlySpan<char> row = line.Text;
            int at = row.IndexOf("/proc/irq/");
            if (at < 0 || row.Length < 10 || row[0] != '-')
                continue;
            _knowsManaged = true;
            ReadOnlySpan<char> number = row[(at + 10)..];
            int slash = number.IndexOf('/');
            if (slash > 0 && row[2] != 'w' && int.TryParse(number[..slash], NumberStyles.None, CultureInfo.InvariantCulture, out int irq))
                _managed.Add(irq);
        }
    }
}
