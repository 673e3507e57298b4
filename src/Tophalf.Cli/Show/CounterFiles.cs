using System.Text.Json;
using Tophalf.Cli.Text;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>/proc/stat.</summary>
internal sealed class ShownStat(ProcStat stat, bool isDifference = false) : Shown
{
    public override string Kind => "stat";
    public override string Path => ProcStat.Path;

    public override void Write(Page page, string name) => StatPage.Write(page, name, stat, isDifference ? "time between the two" : "time since boot");

    public override void Write(Utf8JsonWriter json)
    {
        json.Array("cpus", stat.Cpus, cpu => json.WriteNumberValue(cpu.Cpu!.Value));
        json.Objects("rows", stat.Cpus.Prepend(stat.All), row =>
        {
            json.WriteString("id", row.Cpu is { } cpu ? $"cpu{cpu}" : "cpu");
            (string Name, long Ticks)[] times =
            [
                ("user", row.User), ("nice", row.Nice), ("system", row.System), ("idle", row.Idle), ("iowait", row.Iowait), ("irq", row.Irq),
                ("softirq", row.Softirq), ("steal", row.Steal), ("guest", row.Guest), ("guest_nice", row.GuestNice),
            ];
            foreach ((string name, long ticks) in times)
                json.WriteNumber(name, ticks);
        });
        (string Name, long? Count)[] events =
        [
            ("intr", stat.Interrupts), ("ctxt", stat.ContextSwitches), ("btime", stat.BootTimeS), ("processes", stat.Processes),
            ("procs_running", stat.ProcessesRunning), ("procs_blocked", stat.ProcessesBlocked), ("softirq", stat.Softirqs),
        ];
        foreach ((string name, long? count) in events)
        {
            if (count is { } number)
                json.WriteNumber(name, number);
        }
        json.Counts("intr_by_irq", stat.InterruptsByIrq);
        json.Counts("softirq_by_vector", stat.SoftirqsByVector);
    }

    public override Shown? Since(Shown earlier, double? seconds) =>
        earlier is ShownStat other && stat.Since(other.Stat) is { } difference ? new ShownStat(difference, isDifference: true) : null;

    private ProcStat Stat => stat;
}

/// <summary>/proc/net/softnet_stat.</summary>
internal sealed class ShownSoftnet(SoftnetStat stat, double? seconds = null) : Shown
{
    public override string Kind => "softnet_stat";
    public override string Path => SoftnetStat.Path;

    public override void Write(Page page, string name) => SoftnetPage.Write(page, name, stat, seconds);

    public override void Write(Utf8JsonWriter json)
    {
        if (seconds is { } between)
            json.Number("seconds", between);
        json.Objects("rows", stat.Cpus, cpu =>
        {
            json.WriteNumber("row", cpu.Row);
            (string Name, long? Count)[] counts =
            [
                ("cpu", cpu.Cpu), ("processed", cpu.Processed), ("dropped", cpu.Dropped), ("time_squeeze", cpu.TimeSqueeze), ("cpu_collision", cpu.CpuCollision),
                ("received_rps", cpu.ReceivedRps), ("flow_limit_count", cpu.FlowLimitCount), ("backlog_len", cpu.BacklogLength),
                ("input_qlen", cpu.InputQueueLength), ("process_qlen", cpu.ProcessQueueLength),
            ];
            foreach ((string name, long? count) in counts)
            {
                if (count is { } number)
                    json.WriteNumber(name, number);
            }
        });
    }

    public override Shown? Since(Shown earlier, double? between) =>
        earlier is ShownSoftnet other && stat.Since(other.Stat) is { } difference ? new ShownSoftnet(difference, between) : null;

    private SoftnetStat Stat => stat;
}

/// <summary>/proc/net/dev.</summary>
internal sealed class ShownNetDev(ProcNetDev table) : Shown
{
    public override string Kind => "net_dev";
    public override string Path => ProcNetDev.Path;

    public override void Write(Page page, string name) => NetDevPage.Write(page, name, table);

    public override void Write(Utf8JsonWriter json) => json.Array("rows", table.Interfaces, device =>
    {
        json.WriteStartObject();
        json.WriteString("name", device.Name);
        WriteDirection("receive", device.Receive, ("frame", device.Receive.Frame), ("multicast", device.Receive.Multicast));
        WriteDirection("transmit", device.Transmit, ("colls", device.Transmit.Frame), ("carrier", device.Transmit.Carrier));
        json.WriteEndObject();

        void WriteDirection(string direction, NetDevCounters counters, params ReadOnlySpan<(string Name, long Count)> own)
        {
            json.WriteStartObject(direction);
            json.WriteNumber("bytes", counters.Bytes);
            json.WriteNumber("packets", counters.Packets);
            json.WriteNumber("errs", counters.Errors);
            json.WriteNumber("drop", counters.Dropped);
            json.WriteNumber("fifo", counters.Fifo);
            json.WriteNumber("compressed", counters.Compressed);
            foreach ((string name, long count) in own)
                json.WriteNumber(name, count);
            json.WriteEndObject();
        }
    });
}
