using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>/proc/net/dev explained: what each interface carried and lost.</summary>
internal static class NetDevPage
{
    public static void Write(Page page, string name, ProcNetDev table)
    {
        page.Line($"{name}: {ProcNetDev.Path}, {Figures.Plural(table.Interfaces.Length, "interface")}", Look.Heading);
        page.Line();
        Grid columns = ColumnText.Of(
            "", ">received", ">bytes each", ">errors", ">dropped", ">fifo", ">sent", ">bytes each", ">errors", ">dropped");
        foreach (NetDev device in table.Interfaces.OrderByDescending(device => device.Receive.Packets + device.Transmit.Packets))
        {
            NetDevCounters receive = device.Receive, transmit = device.Transmit;
            columns.Add(
                device.Name,
                Figures.Count(receive.Packets), Each(receive), Figures.Count(receive.Errors), Figures.Count(receive.Dropped), Figures.Count(receive.Fifo),
                Figures.Count(transmit.Packets), Each(transmit), Figures.Count(transmit.Errors), Figures.Count(transmit.Dropped));
        }

        page.Write(columns);
        foreach (NetDev device in table.Interfaces.Where(device => device.Receive.Dropped > 0))
        {
            long offered = device.Receive.Packets + device.Receive.Dropped;
            page.Line();
            page.Item("-", $"{device.Name} dropped {Figures.Share(device.Receive.Dropped, offered)} of the packets that came: no free descriptor, no memory, or nobody wanted them.");
        }
    }

    private static string Each(NetDevCounters counters) => counters.Packets > 0 ? Figures.Count(counters.Bytes / counters.Packets) : "-";
}
