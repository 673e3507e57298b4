using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Tophalf.Linux;

namespace Tophalf.Advisor.Observations;

/// <summary>Network interfaces, their lines, and what ethtool says of them.</summary>
internal static partial class InterfaceReader
{
    private const int MostInterfaces = 64;

    public static IReadOnlyList<ObservedInterface> Read(
        ILinuxMachine machine, Moment? before, Moment after, IReadOnlyList<ObservedLine> lines, Dictionary<Part, string> missing)
    {
        List<ObservedInterface> interfaces = [];
        string? problemMet = null;
        ImmutableArray<SysPciDevice> functions = PciDevices.Read(machine);
        foreach (NetDev device in after.NetDev?.Interfaces ?? [])
        {
            // The name goes into a command line.
            if (!PlainName().IsMatch(device.Name) || interfaces.Count == MostInterfaces)
                continue;
            SysPciDevice? function = functions.FirstOrDefault(function => function.Interfaces.Contains(device.Name));
            ObservedLine[] own = [.. LinesOf(machine, device.Name, function, lines)];
            if (own.Length == 0)
                continue;
            bool hasNoChannels = false;
            NetDev? then = before?.NetDev?[device.Name];
            EthtoolSection? Ask(string option)
            {
                string? text = MachineCommand.Output(machine, $"ethtool {option} {device.Name}", out string problem);
                problemMet ??= text is null ? problem : null;
                hasNoChannels |= option == "-l" && problem.Contains("not supported", StringComparison.Ordinal);
                return text is null ? null : Section(text, option);
            }
            interfaces.Add(new ObservedInterface(device.Name, own)
            {
                RxPackets = device.Receive.Packets - (then?.Receive.Packets ?? 0),
                RxDropped = device.Receive.Dropped - (then?.Receive.Dropped ?? 0),
                Driver = Ask("-i")?["driver"]?.Text,
                Coalesce = Ask("-c"),
                Channels = Ask("-l"),
                Rings = Ask("-g"),
                FlowTable = Ask("-x"),
                Node = function?.Node,
                HasNoChannels = hasNoChannels,
            });
        }
        if (interfaces.Count == 0)
            missing[Part.Ethtool] = missing.TryGetValue(Part.NetDev, out string? why) ? why : "no network interface with interrupts of its own";
        else if (interfaces.All(device => device is { Driver: null, Coalesce: null, Channels: null, Rings: null }))
            missing[Part.Ethtool] = problemMet ?? "ethtool says nothing";
        return interfaces;
    }

    private static EthtoolSection? Section(string text, string option)
    {
        try
        {
            return EthtoolText.Parse(text).Sections.FirstOrDefault(section => section.Option == option && section.Refused is null);
        }
        catch (ReaderException)
        {
            return null;
        }
    }

    /// <summary>Those of its PCI function, else those whose handler has its name.</summary>
    private static IEnumerable<ObservedLine> LinesOf(ILinuxMachine machine, string name, SysPciDevice? function, IReadOnlyList<ObservedLine> lines)
    {
        int[] irqs = function is { MsiIrqs.Length: > 0 } ? [.. function.MsiIrqs] : DirectIrqs(machine, name);
        ObservedLine[] own = [.. lines.Where(line => irqs.Contains(line.Irq))];
        return own.Length > 0 ? own : lines.Where(line => line.Actions.Any(action => HasName(action, name)));
    }

    /// <summary>Where the bus is not shown but the device below the interface is.</summary>
    private static int[] DirectIrqs(ILinuxMachine machine, string name)
    {
        try
        {
            return [.. machine.List($"{NetQueues.Path}/{name}/device/msi_irqs").Select(irq => int.TryParse(irq, out int number) ? number : -1)];
        }
        catch (LinuxException)
        {
            return [];
        }
    }

    /// <summary>The name stands whole in the handler's: eth1 is not in eth10-TxRx-0.</summary>
    private static bool HasName(string action, string name)
    {
        int at = action.IndexOf(name, StringComparison.Ordinal);
        return at >= 0
            && (at == 0 || !char.IsLetterOrDigit(action[at - 1]))
            && (at + name.Length == action.Length || !char.IsLetterOrDigit(action[at + name.Length]));
    }

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,31}$", RegexOptions.CultureInvariant)]
    private static partial Regex PlainName();
}
