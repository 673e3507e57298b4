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
        foreach (NetDev device in after.NetDev?.Interfaces ?? [])
        {
            // The name goes into a command line.
            if (!PlainName().IsMatch(device.Name) || interfaces.Count == MostInterfaces)
                continue;
            ObservedLine[] own = [.. LinesOf(machine, device.Name, lines)];
            if (own.Length == 0)
                continue;
            NetDev? then = before?.NetDev?[device.Name];
            EthtoolSection? Ask(string option)
            {
                string? text = MachineCommand.Output(machine, $"ethtool {option} {device.Name}", out string problem);
                problemMet ??= text is null ? problem : null;
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
                Node = Node(machine, device.Name),
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

    /// <summary>Those of its PCI function (a virtio device is a child of one), else those whose handler has its name.</summary>
    private static IEnumerable<ObservedLine> LinesOf(ILinuxMachine machine, string name, IReadOnlyList<ObservedLine> lines)
    {
        foreach (string directory in (string[])["device/msi_irqs", "device/../msi_irqs"])
        {
            try
            {
                HashSet<string> irqs = [.. machine.List($"/sys/class/net/{name}/{directory}")];
                ObservedLine[] own = [.. lines.Where(line => irqs.Contains(line.Irq.ToString()))];
                if (own.Length > 0)
                    return own;
            }
            catch (LinuxException)
            {
                // Not this one.
            }
        }
        return lines.Where(line => line.Actions.Any(action => HasName(action, name)));
    }

    /// <summary>The name stands whole in the handler's: eth1 is not in eth10-TxRx-0.</summary>
    private static bool HasName(string action, string name)
    {
        int at = action.IndexOf(name, StringComparison.Ordinal);
        return at >= 0
            && (at == 0 || !char.IsLetterOrDigit(action[at - 1]))
            && (at + name.Length == action.Length || !char.IsLetterOrDigit(action[at + name.Length]));
    }

    private static int? Node(ILinuxMachine machine, string name)
    {
        foreach (string file in (string[])["device/numa_node", "device/../numa_node"])
        {
            try
            {
                if (int.TryParse(machine.Read($"/sys/class/net/{name}/{file}"), out int node))
                    return node;
            }
            catch (LinuxException)
            {
                // Not this one.
            }
        }
        return null;
    }

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,31}$", RegexOptions.CultureInvariant)]
    private static partial Regex PlainName();
}
