using System.Text.Json;
using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>/proc/schedstat.</summary>
internal sealed class ShownSchedstat(ProcSchedstat stat) : Shown
{
    private const double NsPerS = 1e9;

    public override string Kind => "schedstat";
    public override string Path => ProcSchedstat.Path;

    public override void Write(Page page, string name)
    {
        page.Line($"{name}: {ProcSchedstat.Path} version {stat.Version} of {Figures.Plural(stat.Cpus.Length, "CPU")}", Look.Heading);
        page.Line();
        Grid columns = ColumnText.Of("", ">tasks ran", ">tasks waited", ">wait per slice", ">schedules", ">to idle", ">wake-ups", ">stayed here");
        foreach (SchedstatCpu cpu in stat.Cpus)
        {
            columns.Add(
                $"CPU{cpu.Cpu}", Figures.Duration(cpu.RunNs / NsPerS), Figures.Duration(cpu.WaitNs / NsPerS),
                cpu.Slices > 0 ? Figures.Duration(cpu.WaitNs / NsPerS / cpu.Slices) : "-",
                Figures.Count(cpu.Schedules), Figures.Count(cpu.ToIdle), Figures.Count(cpu.Wakeups), Figures.Share(cpu.LocalWakeups, cpu.Wakeups));
        }
        page.Write(columns);
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("version", stat.Version);
        json.Objects("rows", stat.Cpus, cpu =>
        {
            json.WriteNumber("cpu", cpu.Cpu);
            json.WriteNumber("schedules", cpu.Schedules);
            json.WriteNumber("to_idle", cpu.ToIdle);
            json.WriteNumber("wakeups", cpu.Wakeups);
            json.WriteNumber("local_wakeups", cpu.LocalWakeups);
            json.WriteNumber("run_ns", cpu.RunNs);
            json.WriteNumber("wait_ns", cpu.WaitNs);
            json.WriteNumber("slices", cpu.Slices);
        });
    }
}

/// <summary>A file of /proc/pressure.</summary>
internal sealed class ShownPressure(ProcPressure pressure) : Shown
{
    public override string Kind => "pressure";

    public override void Write(Page page, string name)
    {
        page.Line($"{name}: {ProcPressure.Path}, share of the time in which work stood still", Look.Heading);
        page.Line();
        Grid columns = ColumnText.Of("", ">10 s", ">60 s", ">300 s", ">since boot");
        foreach ((string who, PressureLine line) in Lines())
            columns.Add(who, Figures.Percent(line.Avg10), Figures.Percent(line.Avg60), Figures.Percent(line.Avg300), Figures.Duration(line.TotalUs / 1e6));
        page.Write(columns);
    }

    public override void Write(Utf8JsonWriter json) => json.Array("rows", Lines(), row =>
    {
        json.WriteStartObject();
        json.WriteString("id", row.Who);
        json.Number("avg10", row.Line.Avg10);
        json.Number("avg60", row.Line.Avg60);
        json.Number("avg300", row.Line.Avg300);
        json.WriteNumber("total_us", row.Line.TotalUs);
        json.WriteEndObject();
    });

    private IEnumerable<(string Who, PressureLine Line)> Lines()
    {
        if (pressure.Some is { } some)
            yield return ("some", some);
        if (pressure.Full is { } full)
            yield return ("full", full);
    }
}

/// <summary>/proc/modules.</summary>
internal sealed class ShownModules(ProcModules modules) : Shown
{
    public override string Kind => "modules";
    public override string Path => ProcModules.Path;

    public override void Write(Page page, string name)
    {
        page.Line($"{name}: {ProcModules.Path}, {Figures.Plural(modules.Modules.Length, "module")}", Look.Heading);
        page.Line();
        Grid columns = ColumnText.Of("", ">bytes", ">in use", "by").WrapLast();
        foreach (KernelModule module in modules.Modules)
            columns.Add(module.Name, Figures.Count(module.Bytes), Figures.Count(module.References), string.Join(", ", module.UsedBy));
        page.Write(columns);
    }

    public override void Write(Utf8JsonWriter json) => json.Array("rows", modules.Modules, module =>
    {
        json.WriteStartObject();
        json.WriteString("name", module.Name);
        json.WriteNumber("bytes", module.Bytes);
        json.WriteNumber("references", module.References);
        json.Strings("used_by", module.UsedBy);
        json.WriteString("state", module.State);
        json.WriteEndObject();
    });
}

/// <summary>/proc/cmdline, for the parameters that change what interrupts do.</summary>
internal sealed class ShownCommandLine(KernelCommandLine line) : Shown
{
    public override string Kind => "cmdline";
    public override string Path => KernelCommandLine.Path;

    public override void Write(Page page, string name)
    {
        page.Line($"{name}: {KernelCommandLine.Path}, {Figures.Plural(line.Parameters.Length, "parameter")}", Look.Heading);
        page.Line();
        page.Items(line.Parameters.Select(parameter => (parameter.Name, parameter.Value ?? "")));
    }

    public override void Write(Utf8JsonWriter json) => json.Array("rows", line.Parameters, parameter =>
    {
        json.WriteStartObject();
        json.WriteString("name", parameter.Name);
        json.WriteString("value", parameter.Value);
        json.WriteEndObject();
    });
}
