namespace Tophalf.Twin.Scenarios;

/// <summary>Reads the devices of a scenario. The keys a device may have follow from its model.</summary>
/// <param name="problems">Where problems go.</param>
/// <param name="cpus">CPUs of the machine.</param>
internal sealed class DeviceReader(ProblemList problems, int cpus)
{
    /// <summary>Names of interfaces have 15 characters at most (IFNAMSIZ in include/uapi/linux/if.h).</summary>
    private const int LongestName = 15;

    /// <summary>Entries an MSI-X table has at most (PCI Local Bus 3.0, 6.8.2).</summary>
    private const int MostMsiX = 2048;

    /// <summary>Pins of the I/O APIC (82093AA data sheet).</summary>
    private const int LastPin = 23;

    /// <summary>1000 packets a second.</summary>
    private const long SlowestBusMicroHz = 1_000_000_000;

    /// <summary>Where a board leads a PCI device's wire if nobody says otherwise.</summary>
    private const int PciPin = 11;

    private readonly Dictionary<string, string> _nameByBus = [];

    /// <summary>The devices that could be read, in the order of the file.</summary>
    public IReadOnlyList<DeviceSpec> ReadAll(YamlMap? map)
    {
        DeviceSpec[] devices = [.. problems.Bounded(map?.Entries ?? [], "devices", entry => entry.KeyAt).Select(Read).OfType<DeviceSpec>()];
        foreach (DeviceSpec device in devices) CheckCable(device, devices);
        return devices;
    }

    /// <summary>A cable has two ends, and a card one cable.</summary>
    private void CheckCable(DeviceSpec device, DeviceSpec[] devices)
    {
        if (device.Cable is not { } end) return;
        DeviceSpec? other = Array.Find(devices, candidate => candidate.Name == end && candidate.Kind == DeviceKind.Nic && candidate != device);
        if (other is null)
            problems.Add(device.CableAt!.Value, $"cable: {Wording.Quote(end)} is no other network card of this machine", "write the name of one, or leave it out for a cable that leaves the machine");
        else if (Array.Find(devices, candidate => candidate != device && (candidate.Name == end ? candidate.Cable is not null : candidate.Cable == end || candidate.Cable == device.Name)) is { } third)
            problems.Add(device.CableAt!.Value, $"cable: a card has one cable, and {third.Name} names one too", "write cable at one card of the two that it joins");
        else if (device.IsGivenAway || other.IsGivenAway)
            problems.Add(device.CableAt!.Value, $"cable: {(device.IsGivenAway ? device : other).Name} is given away (driver: vfio-pci)", "leave cable or driver out");
    }

    private DeviceSpec? Read(YamlEntry entry)
    {
        if (!IsName(entry.Key))
        {
            problems.Add(entry.KeyAt, $"{Wording.Quote(entry.Key)} is no name for a device",
                $"write 1 to {LongestName} letters, digits, dots, dashes and underscores, such as eth0");
        }

        string where = $"device {Wording.Quote(entry.Key)}";
        if (entry.Value is not YamlMap map)
        {
            problems.Add(entry.Value.At, $"{where} is {entry.Value.KindName}", "write a map, such as {model: ixgbe}");
            return null;
        }

        string[] models = [.. DeviceModel.All.Select(model => model.Name)];
        var modelEntry = map.Entries.FirstOrDefault(key => key.Key == "model");
        if (modelEntry?.Value is not YamlScalar name)
        {
            problems.Add(modelEntry?.Value.At ?? map.At, $"{where} has no model", $"write model: {Wording.OneOf(models)}");
            return null;
        }

        if (DeviceModel.Find(name.Text) is not { } model)
        {
            problems.Add(name.At, $"model {Wording.Quote(name.Text)} is not known", Wording.Suggest(name.Text, models));
            return null;
        }

        var device = new DeviceSpec
        {
            Name = entry.Key,
            Model = model.Name,
            Kind = model.Kind,
            Line = entry.KeyAt.Line,
            Column = entry.KeyAt.Column,
        };
        return model.Kind switch
        {
            DeviceKind.Nic => ReadNic(device, model, new MapReader(map, where, problems,
                "model", "irq", "link", "queues", "ring", "bus", "rx-usecs", "rx-frames", "tx-usecs", "tx-frames", "rss-key", "vfs", "pcie", "driver", "weight", "policy", "feedback", "cable")),
            DeviceKind.Uart => ReadUart(device, new MapReader(map, where, problems, "model", "irq", "trigger", "baud")),
            _ when model.StorageActions is not null => ReadStorage(device, new MapReader(map, where, problems, "model", "bus", "queues")),
            DeviceKind.Edu => ReadEdu(device, new MapReader(map, where, problems, "model", "irq", "bus")),
            _ => ReadLine(device, new MapReader(map, where, problems, "model", "irq", "chip", "trigger", "bus", "actions", "handler", "vectors")),
        };
    }

    private DeviceSpec ReadNic(DeviceSpec device, DeviceModel model, MapReader keys)
    {
        string[] coalesce = ["rx-usecs", "rx-frames", "tx-usecs", "tx-frames"];
        if (!model.IsOnPin) keys.Refuse($"is not for {model.Name}, whose queues signal by messages", "leave it out", "irq");
        if (!model.IsPolled) keys.Refuse($"is not for {model.Name}, whose driver does not poll", "leave it out", "weight", "feedback");
        SourcePosition[] written = [.. coalesce.Where(keys.Has).Select(keys.ValueAt)];
        return device with
        {
            LinkBitsPerSecond = keys.Measure("link", Quantity.BitsPerSecond, 1_000_000, 1_000_000_000_000) ?? model.DefaultLinkBitsPerSecond,
            Queues = keys.Int("queues", 1, model.MaxQueues, model.Name),
            QueuesAt = keys.Has("queues") ? keys.ValueAt("queues") : null,
            Ring = ReadRing(keys, model),
            Irq = model.IsOnPin ? keys.Int("irq", 1, LastPin) ?? PciPin : null,
            Bus = ReadBus(keys, device.Name),
            RxUsecs = ReadCoalesce(keys, model, "rx-usecs", CoalesceKeys.RxUsecs),
            RxFrames = ReadCoalesce(keys, model, "rx-frames", CoalesceKeys.RxFrames),
            TxUsecs = ReadCoalesce(keys, model, "tx-usecs", CoalesceKeys.TxUsecs),
            TxFrames = ReadCoalesce(keys, model, "tx-frames", CoalesceKeys.TxFrames),
            CoalesceAt = written.Length > 0 ? written.Min() : null,
            RssKey = ReadRssKey(keys, model),
            VirtualFunctions = ReadVirtualFunctions(keys, model),
            Weight = keys.Int("weight", 1, 1_000_000),
            ThreadPolicy = LoadKeys.ReadPolicy(keys),
            Cable = keys.Text("cable"),
            CableAt = keys.Has("cable") ? keys.ValueAt("cable") : null,
            HasFeedback = keys.Choice("feedback", false, ("yes", true), ("no", false)),
            IsGivenAway = keys.Choice("driver", false, (model.Driver, false), ("vfio-pci", true)),
            BusMicroHz = IsPacketRate(keys, "pcie") ? keys.Measure("pcie", Quantity.PacketRateMicroHz, SlowestBusMicroHz, LoadKeys.FastestMicroHz) : null,
            BusBitsPerSecond = IsPacketRate(keys, "pcie") ? null : keys.Measure("pcie", Quantity.BitsPerSecond, 1_000_000, 1_000_000_000_000),
        };
    }

    private static int ReadVirtualFunctions(MapReader keys, DeviceModel model)
    {
        if (model.TotalVirtualFunctions == 0)
            keys.Refuse($"is not for {model.Name}, which has no virtual functions", "leave it out", "vfs");
        return keys.Int("vfs", 0, Math.Max(1, model.TotalVirtualFunctions), model.Name) ?? 0;
    }

    /// <summary>The bus carries so many packets, or so many bits.</summary>
    private static bool IsPacketRate(MapReader keys, string key) => keys.Text(key)?.EndsWith("pps", StringComparison.Ordinal) == true;

    private static int? ReadRing(MapReader keys, DeviceModel model)
    {
        if (keys.Int("ring", model.MinRing, model.MaxRing, model.Name) is not { } ring)
            return null;
        bool fits = model.RingMultiple == 0 ? int.IsPow2(ring) : ring % model.RingMultiple == 0;
        if (!fits)
        {
            string rule = model.RingMultiple == 0 ? "a power of two" : $"a multiple of {model.RingMultiple}";
            int next = model.RingMultiple == 0
                ? (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)ring)
                : (ring / model.RingMultiple + 1) * model.RingMultiple;
            keys.Reject("ring", $"{ring} is not {rule}, as {model.Name} needs; write {next}");
        }

        return ring;
    }

    /// <summary>The range is that of ethtool's drivers together; the finer rules of each are the driver's.</summary>
    private static int? ReadCoalesce(MapReader keys, DeviceModel model, string key, CoalesceKeys flag)
    {
        if (model.Coalesce.HasFlag(flag))
            return keys.Int(key, 0, ushort.MaxValue);
        keys.Refuse($"cannot be set on {model.Name}", "leave it out", key);
        return null;
    }

    private static byte[]? ReadRssKey(MapReader keys, DeviceModel model)
    {
        if (model.RssKeyBytes == 0)
            keys.Refuse($"cannot be set on {model.Name}", "leave it out", "rss-key");
        else if (keys.Text("rss-key") is { } text)
        {
            if (RssKey.TryParse(text, model.RssKeyBytes, out byte[]? key))
                return key;
            keys.Reject("rss-key", $"{Wording.Quote(text)} is not a hash key for {model.Name}; "
                + $"write microsoft, random or {model.RssKeyBytes} hex bytes with colons between");
        }

        return null;
    }

    private string? ReadBus(MapReader keys, string device)
    {
        if (keys.Text("bus")?.ToLowerInvariant() is not { } bus)
            return null;
        if (!IsPciAddress(bus))
            keys.Reject("bus", $"{Wording.Quote(bus)} is not a PCI address; write domain:bus:device.function in hex, such as 0000:01:00.0");
        else if (!_nameByBus.TryAdd(bus, device))
            keys.Reject("bus", $"{bus} is the address of {_nameByBus[bus]} already; write another address or leave it out");
        return bus;
    }

    private static DeviceSpec ReadUart(DeviceSpec device, MapReader keys) => device with
    {
        Irq = keys.Int("irq", 1, LastPin) ?? 4,
        Trigger = ReadTrigger(keys, TriggerMode.Level),

        // The usual crystal of 1.8432 MHz gives 115200 at most, divided down by a 16-bit latch (drivers/tty/serial/8250/8250_port.c).
        Baud = keys.Int("baud", 50, 115200) ?? 115200,
    };

    /// <summary>A PCI device: its wire is level-triggered and goes where the board leads it.</summary>
    private DeviceSpec ReadEdu(DeviceSpec device, MapReader keys) => device with
    {
        Irq = keys.Int("irq", 1, LastPin) ?? PciPin,
        Trigger = TriggerMode.Level,
        Bus = ReadBus(keys, device.Name),
    };

    private DeviceSpec ReadLine(DeviceSpec device, MapReader keys)
    {
        InterruptChip chip = keys.Choice("chip", InterruptChip.IoApic, ("ioapic", InterruptChip.IoApic), ("msix", InterruptChip.MsiX));
        device = device with { Chip = chip, Bus = ReadBus(keys, device.Name), Actions = ReadActions(keys, device.Name), Handler = keys.Text("handler") };
        if (chip == InterruptChip.MsiX)
        {
            keys.Refuse("is not for MSI-X, where the kernel chooses the interrupt", "leave it out", "irq");
            if (ReadTrigger(keys, TriggerMode.Edge) == TriggerMode.Level)
                keys.Reject("trigger", "level is not for MSI-X, whose messages are edges; write edge or leave it out");
            return device with { Trigger = TriggerMode.Edge, Vectors = keys.Int("vectors", 1, MostMsiX) ?? 1 };
        }

        keys.Require("irq", "9");
        keys.Refuse("is not for the I/O APIC, where a device has one pin", "write chip: msix or leave it out", "vectors");
        return device with { Irq = keys.Int("irq", 1, LastPin), Trigger = ReadTrigger(keys, TriggerMode.Level) };
    }

    /// <summary>Drivers make no more queues than there are CPUs.</summary>
    private DeviceSpec ReadStorage(DeviceSpec device, MapReader keys) => device with
    {
        Chip = InterruptChip.MsiX,
        Bus = ReadBus(keys, device.Name),
        Vectors = (keys.Int("queues", 1, cpus, device.Model) ?? cpus) + 1,
        IsSpread = true,
    };

    private static TriggerMode ReadTrigger(MapReader keys, TriggerMode fallback) =>
        keys.Choice("trigger", fallback, ("level", TriggerMode.Level), ("edge", TriggerMode.Edge));

    private IReadOnlyList<string> ReadActions(MapReader keys, string device)
    {
        const string example = "[ehci_hcd, eth1]";
        var actions = new List<string>();
        foreach (YamlNode item in keys.List("actions", example)?.Items ?? [])
        {
            if (item is YamlScalar { Text: { Length: > 0 and <= 64 } name } && !name.AsSpan().ContainsAnyExceptInRange('!', '~'))
                actions.Add(name);
            else
                problems.Add(item.At, "an action is a name of 1 to 64 characters without blanks", $"write actions: {example}");
        }

        return actions.Count > 0 ? actions : [device];
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName && name is not ("." or "..")
        && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');

    /// <summary>dddd:bb:dd.f, five bits of device and three of function.</summary>
    private static bool IsPciAddress(string text) =>
        text is [_, _, _, _, ':', _, _, ':', '0' or '1', _, '.', >= '0' and <= '7']
        && string.Concat(text[..4], text[5..7], text[8..10]).All(char.IsAsciiHexDigit);
}
