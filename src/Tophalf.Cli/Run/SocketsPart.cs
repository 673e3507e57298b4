using Tophalf.Cli.Text;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Run;

/// <summary>An AF_XDP socket: what its counters say of lost frames, and how often its process called the kernel.</summary>
internal static class SocketsPart
{
    public static void Write(Page page, SocketReport socket)
    {
        page.Heading($"xdpsock on {socket.Device} queue {socket.Queue}, {(socket.ZeroCopy ? "zero-copy" : "copy")}");
        page.Items(Lines(socket));
    }

    private static IEnumerable<(string Name, string Value)> Lines(SocketReport socket)
    {
        if (socket.TxPackets > 0)
            yield return ("sent", Figures.Count(socket.TxPackets));
        yield return ("dropped", $"{Figures.Count(socket.RxDropped)} for want of a buffer, {Figures.Count(socket.RxRingFull)} at the full receive ring");
        yield return ("rings", $"fill ring found empty {Figures.Count(socket.RxFillRingEmptyDescs)} times");
        yield return ("calls", $"{Figures.Count(socket.ReceiveCalls)} recvfrom, {Figures.Count(socket.SendCalls)} sendto, {Figures.Count(socket.PollCalls)} poll");
    }
}
