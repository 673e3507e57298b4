using System.Globalization;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Devices;
using Tophalf.Hardware.Pci;
using Tophalf.Kernel.Drivers;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Networking.PollMode;
using Tophalf.Kernel.Pci;
using Tophalf.Kernel.Scheduling;
using Tophalf.Kernel.Storage;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Twin.Scenarios;
using Tophalf.Twin.Workloads;

namespace Tophalf.Twin;

/// <summary>Puts a machine together from a scenario: costs, board, devices in the order of the file, loads. Nothing runs yet.</summary>
public sealed partial class MachineBuilder
{
    private const int RankPerDevice = 256, FirstDeviceRank = 1 << 12, FirstClientRank = 1 << 22;

    private readonly Scenario _scenario;
    private readonly TwinMachine _machine;
    private byte _nextBus = 1;
    private int _nextNic;

    private MachineBuilder(Scenario scenario, ulong seed, bool exact)
    {
        _scenario = scenario;
        _machine = new TwinMachine(scenario, seed, exact, LoadCosts(scenario));
    }

    /// <summary>Throws <see cref="TuningException"/> where the scenario asks for what this machine cannot have.</summary>
    public static TwinMachine Build(Scenario scenario, ulong seed, bool exact)
    {
        var builder = new MachineBuilder(scenario, seed, exact);
        builder._machine.AddLegacyLines(scenario.Devices);
        foreach (DeviceSpec device in scenario.Devices) builder.Add(device);
        foreach (DeviceSpec device in scenario.Devices)
        {
            if (device.Cable is { } end) NetDevice.Connect(builder.Nic(device.Name), builder.Nic(end));
        }
        // A process binds its sockets before anybody sends, so that the wire is not read ahead for one sender alone.
        foreach (XskWorkload socket in scenario.Workloads.OfType<XskWorkload>()) builder.LoadXsk(socket);
        for (int i = 0; i < scenario.Workloads.Count; i++) builder.Load(scenario.Workloads[i], i);
        builder.LetHostSteal();
        return builder._machine;
    }

    private void LetHostSteal()
    {
        if (_scenario.Machine.StealPpm == 0) return;
        foreach (Cpu cpu in _machine.Kernel.Cpus) _ = new StealingHost(_machine, cpu, _scenario.Machine.StealPpm / 1e6, _scenario.Machine.StealSlicePs);
    }

    private static CostSet LoadCosts(Scenario scenario)
    {
        string name = scenario.Machine.Costs;
        string beside = Path.Combine(Path.GetDirectoryName(scenario.Path) ?? "", name + ".costs");
        TextReader? Open(string wanted)
        {
            string file = Path.Combine(Path.GetDirectoryName(beside) ?? "", wanted + ".costs");
            return File.Exists(file) ? new StreamReader(file) : CostSet.OpenBuiltIn(wanted);
        }
        if (CostSet.BuiltInNames.Contains(name) || File.Exists(beside)) return CostSet.Load(name, Open);
        SourcePosition at = scenario.Machine.CostsAt ?? new SourcePosition(1, 1);
        throw new TuningException(
            $"{scenario.Path}:{at.Line}:{at.Column}: there is no cost set '{name}'; write one of {string.Join(", ", CostSet.BuiltInNames)}, or put {name}.costs beside the scenario");
    }

    // ---- devices ---------------------------------------------------------------------------------------------------------------

    private void Add(DeviceSpec spec)
    {
        try
        {
            switch (spec.Kind)
            {
                case DeviceKind.Nic: AddNic(spec); break;
                case DeviceKind.Uart: AddUart(spec); break;
                case DeviceKind.Line when spec.IsSpread: AddStorage(spec); break;
                case DeviceKind.Line: AddLine(spec); break;
                case DeviceKind.Edu: AddEdu(spec); break;
            }
        }
        catch (DriverException refused)
        {
            SourcePosition at = spec.QueuesAt ?? new SourcePosition(spec.Line, spec.Column);
            string remedy = refused.Errno == Errno.ENOSPC ? "no vectors are left on these CPUs: give the devices fewer queues, or the machine more CPUs" : "change the device";
            throw new TuningException($"{_scenario.Path}:{at.Line}:{at.Column}: {refused.Message}; {remedy}");
        }
    }

    private PciFunction Function(DeviceSpec spec, int entries) => new(AddressOf(spec), entries, _machine.Fabric);

    private PciAddress AddressOf(DeviceSpec spec) =>
        spec.Bus is not null && PciAddress.TryParse(spec.Bus, out PciAddress address) ? address : new PciAddress(0, _nextBus++, 0, 0);

    private void AddEdu(DeviceSpec spec)
    {
        int pin = spec.Irq!.Value;
        PciAddress address = AddressOf(spec);
        var edu = new EduDevice(address, _machine.LineOf(pin, isLevel: true), _machine.Fabric, _machine.Events);
        _ = PinOf(spec, pin);
        _machine.Kernel.Pci.Add(new PciDev(EduDevice.VendorId, EduDevice.DeviceId, address, edu.Configuration, edu, pin));
    }

    /// <summary>The level line that a PCI device's wire leads to; others may be there already.</summary>
    private IrqDesc PinOf(DeviceSpec spec, int pin) => _machine.Kernel.Irqs.Find(pin) ?? AddPin(spec, pin, level: true);

    private void AddNic(DeviceSpec spec)
    {
        NicModel model = NicModel.Find(spec.Model) ?? throw new InvalidOperationException($"no driver for model {spec.Model}");
        // A scenario that writes moderation of a virtio device has a host that offers it.
        if (model.OffersCoalescing is not null) model = model with { OffersCoalescing = spec.CoalesceAt is not null };
        int cpus = _scenario.Machine.Cpus;
        // Drivers make at most one queue pair per CPU; virtio takes what the device offers.
        int most = model.IsLimitedToCpus ? Math.Min(model.MaxQueues, cpus) : model.MaxQueues;
        if (spec.Queues > most)
        {
            SourcePosition at = spec.QueuesAt!.Value;
            throw new TuningException(
                $"{_scenario.Path}:{at.Line}:{at.Column}: {spec.Name}: {spec.Queues} queues, but {model.Name} makes one per CPU and the machine has {cpus}; write 1 to {most}");
        }
        int index = _nextNic++;
        int rxRing = spec.Ring ?? model.RxRing;
        var options = new NetworkControllerOptions
        {
            Name = spec.Name,
            BitsPerSecond = spec.LinkBitsPerSecond,
            MaxQueues = most,
            Queues = spec.Queues ?? (spec.IsGivenAway ? 1 : Math.Min(most, cpus)),
            RxRing = rxRing,
            TxRing = spec.Ring ?? model.TxRing,
            RssTableSize = Math.Max(1, model.RssTableSize), // one entry is no scaling
            FirstEntry = model.OtherFirst ? 1 : 0,
            HasTransmitEntries = model.TransmitAction is not null,
            RssKey = spec.RssKey is { } key ? [.. key] : RandomKey(Math.Max(40, model.RssKeyBytes), spec.Name),
            ModerationKind = model.Moderation,
            HostBus = spec.BusMicroHz is null && spec.BusBitsPerSecond is null ? null : new HostBusLimit((spec.BusMicroHz ?? 0) / 1e6, spec.BusBitsPerSecond ?? 0),
            PacketBufferBytes = model.PacketBufferBytes,
            Wire = model.IsOnPin ? _machine.LineOf(spec.Irq!.Value, isLevel: true) : null,
            Exact = _machine.Kernel.Options.Exact,
            Rank = FirstDeviceRank + index * RankPerDevice,
        };
        PciFunction function = model.IsOnPin || model.IsVirtual ? new PciFunction(AddressOf(spec)) : Function(spec, model.Entries(most));
        var controller = new NetworkController(options, function, _machine.Events);
        if (spec.IsGivenAway)
        {
            _machine.PollModePorts.Add(new PollModePort(controller, model));
            return;
        }
        IrqDesc? pin = model.IsOnPin ? PinOf(spec, spec.Irq!.Value) : null;
        var device = new NetDevice(_machine.Kernel, controller, model, index, NumberAmong(spec, "virtio_"), pin, spec.Weight ?? NapiContext.Weight)
        {
            HasFeedback = spec.HasFeedback,
            ThreadPolicy = new ThreadPolicy(spec.ThreadPolicy.Policy, spec.ThreadPolicy.Priority, spec.ThreadPolicy.Nice, spec.ThreadPolicy.Promised),
        };
        device.Open();
        if (model.Sriov is { } sriov) AddVirtualFunctions(spec, device, sriov);
        if (spec.CoalesceAt is { } coalesceAt) SetCoalesce(spec, device, coalesceAt);
    }

    /// <summary>The device's number among those of its kind, in the order they are found: all virtio devices are counted together.</summary>
    private int NumberAmong(DeviceSpec spec, string driverPrefix) =>
        _scenario.Devices.TakeWhile(other => other != spec).Count(other => DeviceModel.Find(other.Model)!.Driver.StartsWith(driverPrefix, StringComparison.Ordinal));

    private void SetCoalesce(DeviceSpec spec, NetDevice device, SourcePosition at)
    {
        // Whoever writes a value into a scenario wants it to hold.
        _ = device.SetCoalesce(new CoalesceSettings
        {
            AdaptiveRx = device.Coalesce.AdaptiveRx is not null && (spec.RxUsecs ?? spec.RxFrames) is not null ? false : null,
            AdaptiveTx = device.Coalesce.AdaptiveTx is not null && (spec.TxUsecs ?? spec.TxFrames) is not null ? false : null,
        });
        EthtoolResult result = device.SetCoalesce(new CoalesceSettings
        {
            RxUsecs = (uint?)spec.RxUsecs,
            RxFrames = (uint?)spec.RxFrames,
            TxUsecs = (uint?)spec.TxUsecs,
            TxFrames = (uint?)spec.TxFrames,
        });
        if (result.Errno == Errno.None) return;
        throw new TuningException(
            $"{_scenario.Path}:{at.Line}:{at.Column}: {spec.Name}: {result.Message ?? result.Errno.Text()}; {device.Model.Name} takes {device.Model.CoalesceHelp}");
    }

    /// <summary>netdev_rss_key_fill: random once per boot, here once per seed.</summary>
    private byte[] RandomKey(int bytes, string name)
    {
        var random = new RandomStream(_machine.Seed, $"rss-key/{name}");
        var key = new byte[bytes];
        for (int i = 0; i < bytes; i++) key[i] = (byte)random.NextInt(256);
        return key;
    }

    private void AddUart(DeviceSpec spec)
    {
        UartWorkload? load = _scenario.Workloads.OfType<UartWorkload>().FirstOrDefault(workload => workload.To == spec.Name);
        ArrivalProcess arrivals = load is null ? new ConstantArrivals(1) : Arrivals(load.Arrivals, 0);
        bool level = spec.Trigger == TriggerMode.Level;
        var uart = new Uart16550(
            spec.Name, _machine.LineOf(spec.Irq!.Value, level), spec.Baud, arrivals, new RandomStream(_machine.Seed, $"uart/{spec.Name}"), _machine.Events);
        _machine.SerialPorts.Add(new Serial8250(_machine.Kernel, uart, AddPin(spec, spec.Irq.Value, level)));
    }

    private void AddLine(DeviceSpec spec)
    {
        var drivers = new List<LineDriver>();
        int firstEntry = spec.Pin ?? 0;
        PciFunction? function = spec.Chip == InterruptChip.MsiX ? Function(spec, firstEntry + spec.Vectors) : null;
        MsixChip? chip = function is null ? null : new MsixChip(function, spec.ChipName);
        if (function is not null) function.Msix.IsEnabled = true;
        for (int i = 0; i < spec.Vectors; i++)
        {
            (PulseDevice device, IrqDesc line) = function is null ? OnPin(spec) : OnEntry(spec, function, chip!, firstEntry + i, spec.Irq + i);
            if (spec.InitialCpus.Count > 0) line.Affinity = CpuMask.Of([.. spec.InitialCpus]);
            IReadOnlyList<string> actions = spec.Vectors == 1 ? ActionsOf(spec) : [spec.Actions.Count == spec.Vectors ? spec.Actions[i] : $"{spec.Name}-{i}"];
            drivers.Add(new LineDriver(_machine.Kernel, device, line, actions, spec.Handler));
        }
        _machine.LineDevices.Add(spec.Name, drivers);
    }

    /// <summary>A device whose vectors the kernel spreads over the CPUs: what it does is not simulated, only that its queues interrupt.</summary>
    private void AddStorage(DeviceSpec spec)
    {
        DeviceModel model = DeviceModel.Find(spec.Model)!;
        (string other, string queue) = model.StorageActions!.Value;
        int number = NumberAmong(spec, model.Driver.Split('_')[0]);
        PciFunction function = Function(spec, spec.Vectors);
        function.Msix.IsEnabled = true;
        Errno error = _machine.Kernel.Irqs.AddMessages(new MsixChip(function), spec.Vectors, new IrqAffinity(PreVectors: 1), out IReadOnlyList<IrqDesc> lines);
        if (error != Errno.None) throw new DriverException(error, $"{spec.Name}: {error.Text()}");
        var drivers = new List<LineDriver>();
        for (int i = 0; i < spec.Vectors; i++)
        {
            string action = string.Format(CultureInfo.InvariantCulture, i == 0 ? other : queue, number, i - 1 + model.FirstQueueNumber);
            drivers.Add(new LineDriver(_machine.Kernel, PulseDevice.OnEntry(spec.Name, function.Msix, i, _machine.Events), lines[i], [action], handler: null));
        }
        _machine.LineDevices.Add(spec.Name, drivers);
        bool isVirtio = model.Driver.StartsWith("virtio", StringComparison.Ordinal);
        string disk = string.Format(CultureInfo.InvariantCulture, model.DiskName!, number, (char)('a' + number % 26));
        _machine.Kernel.Pci.Storage.Add(new StorageFunction(function.Address, PciId.Of(model.Name), isVirtio ? "virtio-pci" : model.Driver, lines, $"{(isVirtio ? "virtio" : "nvme")}{number}", disk));
        if (_scenario.Workloads.OfType<ReadsWorkload>().Any(reads => reads.To == spec.Name))
            _ = new BlockDevice(_machine.Kernel, disk, drivers[1..]);
    }

    private (PulseDevice, IrqDesc) OnPin(DeviceSpec spec)
    {
        int pin = spec.Pin ?? spec.Irq!.Value;
        bool level = spec.Trigger == TriggerMode.Level;
        return (PulseDevice.OnPin(spec.Name, _machine.LineOf(pin, level), level, _machine.Events), level && spec.Pin is null ? PinOf(spec, pin) : AddPin(spec, pin, level));
    }

    private IrqDesc AddPin(DeviceSpec spec, int pin, bool level)
    {
        if (_machine.Kernel.Irqs.Parameters.NoApic && pin is >= Pic8259Pair.Lines or Pic8259Pair.CascadeLine)
        {
            throw new TuningException(
                $"{_scenario.Path}:{spec.Line}:{spec.Column}: {spec.Name}: with noapic there is no line {pin}; write irq 0, 1 or 3 to 15, or boot without noapic");
        }
        return _machine.AddPin(pin, level, spec.Irq);
    }

    private (PulseDevice, IrqDesc) OnEntry(DeviceSpec spec, PciFunction function, MsixChip chip, int entry, int? irq) =>
        (PulseDevice.OnEntry(spec.Name, function.Msix, entry, _machine.Events), _machine.Kernel.Irqs.AddMessage(chip, entry, irq));

    private static IReadOnlyList<string> ActionsOf(DeviceSpec spec) => spec.Actions.Count > 0 ? spec.Actions : [spec.Name];
}
