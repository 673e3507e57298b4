using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Linux;

/// <summary>Every reader on the kernel these tests run on, checked against another file of the same kernel.</summary>
public class LiveReadersTests
{
    private readonly LiveMachine _machine = new();

    /// <summary>Between two readings of /proc/interrupts, the sum in /proc/stat must lie between the two sums.</summary>
    [LiveFact]
    public void Sum_of_each_row_is_the_number_stat_shows_for_the_interrupt()
    {
        ProcInterrupts earlier = ProcInterrupts.Read(_machine);
        ProcStat stat = ProcStat.Read(_machine);
        ProcInterrupts later = ProcInterrupts.Read(_machine);
        Assert.NotEmpty(earlier.Numbered);
        foreach (InterruptRow row in earlier.Numbered)
            Assert.InRange(stat.InterruptsByIrq[row.Irq!.Value], row.Total, later[row.Irq.Value]!.Total);
    }

    [LiveFact]
    public void Columns_of_interrupts_are_the_online_cpus()
    {
        CpuTopology topology = CpuTopology.Read(_machine);
        Assert.Equal(topology.Online, CpuMask.Of(ProcInterrupts.Read(_machine).Cpus.AsSpan()));
        Assert.Equal(topology.Possible, CpuMask.Of(ProcSoftirqs.Read(_machine).Cpus.AsSpan()));
        Assert.Equal(topology.Online, CpuMask.Of([.. SoftnetStat.Read(_machine).Cpus.Select(cpu => cpu.Cpu!.Value)]));
        Assert.Equal(topology.Online, CpuMask.Of([.. ProcStat.Read(_machine).Cpus.Select(cpu => cpu.Cpu!.Value)]));
        Assert.All(topology.Cpus, place => Assert.True(place.ThreadSiblings!.Value.Contains(place.Cpu)));
    }

    [LiveFact]
    public void Handlers_in_the_directory_of_an_interrupt_are_the_names_in_its_row()
    {
        IrqDirectory directory = IrqDirectory.Read(_machine);
        foreach (InterruptRow row in ProcInterrupts.Read(_machine).Numbered)
            Assert.Equal(row.Actions.Distinct().Order(StringComparer.Ordinal), directory[row.Irq!.Value]!.Actions);
    }

    [LiveFact]
    public void Loopback_sends_what_it_receives()
    {
        NetDev loopback = ProcNetDev.Read(_machine)["lo"]!;
        Assert.Equal((loopback.Receive.Bytes, loopback.Receive.Packets), (loopback.Transmit.Bytes, loopback.Transmit.Packets));
    }

    [LiveFact]
    public void Release_is_what_uname_says() => Assert.Equal(_machine.Run("uname -r").Output.TrimEnd(), KernelInfo.Read(_machine).Release);
}
