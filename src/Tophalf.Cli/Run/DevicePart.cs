using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Run;

/// <summary>One device: what came through, what was lost, its queues, and its latencies as a drawn histogram.</summary>
internal static class DevicePart
{
    private const int QueuesShown = 16;
    private const int BarWidth = 40;

    public static void Write(Page page, RunReport report, DeviceReport device)
    {
        page.Heading($"{device.Name} ({device.Model})");
        page.Items(Totals(device, report.SimulatedS));
        if (device.LatencyBuckets.Count > 0)
            WriteHistogram(page, device);
        if (device.Queues.Count > 1)
            WriteQueues(page, device);
    }

    private static IEnumerable<(string Name, string Value)> Totals(DeviceReport device, double seconds)
    {
        if (device.Offered > 0)
        {
            yield return ("came", $"{Figures.Count(device.Offered)} ({Figures.Rate(device.Offered / seconds)})");
            string ring = $"{Figures.Count(device.RxDropped)} at the ring ({Figures.Share(device.RxDropped, device.Offered)})";
            yield return ("dropped", $"{ring}, {Figures.Count(device.SocketDropped)} at the socket ({Figures.Share(device.SocketDropped, device.Offered)})");
            if (device.Discarded > 0)
                yield return ("discarded", $"{Figures.Count(device.Discarded)} before any queue: the card's bus carries no more");
            yield return ("delivered", $"{Figures.Count(device.Delivered)}, {Figures.Count(device.Waiting)} still waiting");
        }

        if (device.XdpDropped + device.XdpReturned > 0)
            yield return ("by XDP", $"{Figures.Count(device.XdpDropped)} dropped, {Figures.Count(device.XdpReturned)} sent back");
        if (device.XdpRedirected > 0)
            yield return ("redirected", $"{Figures.Count(device.XdpRedirected)}, of which {Figures.Count(device.RedirectLost)} found no room");
        if (device.TxPackets > 0)
            yield return ("sent", Figures.Count(device.TxPackets));
        string each = device.Interrupts > 0 && device.RxPackets > 0 ? $", {(double)device.RxPackets / device.Interrupts:N1} received each" : "";
        yield return ("interrupts", $"{Figures.Count(device.Interrupts)} ({Figures.Rate(device.Interrupts / seconds)}){each}");
        if (device.Latency is { Count: > 0 } latency)
        {
            yield return (
                "latency",
                $"p50 {Figures.Latency(latency.P50)}, p99 {Figures.Latency(latency.P99)}, p99.9 {Figures.Latency(latency.P999)}, max {Figures.Latency(latency.Max)}");
        }
    }

    private static void WriteQueues(Page page, DeviceReport device)
    {
        Grid columns = ColumnText.Of(">queue", ">irq", ">CPU", ">packets", ">dropped", ">interrupts", ">polls");
        foreach (QueueReport queue in device.Queues.Take(QueuesShown))
        {
            columns.Add(
                $"{queue.Queue}", $"{queue.Irq}", $"{queue.Cpu}",
                Figures.Count(queue.Packets), Figures.Count(queue.Dropped), Figures.Count(queue.Interrupts), Figures.Count(queue.Polls));
        }

        page.Write(columns);
        if (device.Queues.Count > QueuesShown)
            page.Line($"  {Figures.Plural(device.Queues.Count - QueuesShown, "more queue")}", Look.Faint);
    }

    private static void WriteHistogram(Page page, DeviceReport device)
    {
        double largest = device.LatencyBuckets.Max(bucket => bucket.Count);
        Grid columns = ColumnText.Of(">", ">", "", ">", ">");
        foreach (LatencyBucket bucket in device.LatencyBuckets)
        {
            columns.Add(
                Figures.Latency(bucket.FromUs), Figures.Latency(bucket.ToUs),
                Bar.Of(bucket.Count, largest, BarWidth).PadRight(BarWidth), Figures.Count(bucket.Count), Figures.Share(bucket.Count, device.Latency.Count));
        }

        page.Write(columns);
    }
}
