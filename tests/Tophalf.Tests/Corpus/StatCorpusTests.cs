using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Corpus;

public class StatCorpusTests
{
    [CorpusTheory]
    [InlineData("stat/01-fc-guest-2cpu-a.txt", 2, 744850, 310082, 1795211143)]
    [InlineData("stat/02-fc-guest-2cpu-b.txt", 2, 753338, 313969, 1795211143)]
    [InlineData("stat/03-hp-bl920-480cpu.txt", 480, 112101525, 279372541, 1417651544)]
    [InlineData("stat/04-hyperv-gen2-coreos.txt", 2, 1164323, 2817870, 1569982765)]
    public void Dump_holds_its_machine(string name, int cpus, long interrupts, long softirqs, long bootTimeS)
    {
        ProcStat stat = ProcStat.Parse(CorpusFolder.Text(name));
        Assert.Equal(Enumerable.Range(0, cpus), stat.Cpus.Select(times => times.Cpu!.Value));
        Assert.Equal(interrupts, stat.Interrupts);
        Assert.Equal(softirqs, stat.Softirqs);
        Assert.Equal(softirqs, stat.SoftirqsByVector.Sum());
        Assert.Equal(bootTimeS, stat.BootTimeS);
        Assert.Equal(SoftirqName.InVectorOrder.Count, stat.SoftirqsByVector.Length);
        Assert.True(stat.InterruptsByIrq.Sum() <= interrupts);
        Assert.Equal(stat.Cpus.Sum(times => times.Irq), stat.All.Irq, (double)cpus);
    }

    [CorpusFact]
    public void Kernel_2_6_board_has_seven_times_and_no_softirq_line()
    {
        ProcStat stat = ProcStat.Parse(CorpusFolder.Text("stat/05-sep4020.txt"));
        Assert.Equal(new CpuTimes(null, 96, 0, 2629, 14389, 0, 102, 1007, 0, 0, 0), stat.All);
        Assert.Null(stat.Softirqs);
        Assert.Equal(18223, stat.InterruptsByIrq[27]);
    }

    [CorpusFact]
    public void Softirq_line_agrees_with_softirqs_of_the_same_moment()
    {
        ProcStat stat = ProcStat.Parse(CorpusFolder.Text("stat/01-fc-guest-2cpu-a.txt"));
        ProcSoftirqs softirqs = ProcSoftirqs.Parse(CorpusFolder.Text("softirqs/01-fc-guest-2cpu-a.txt"));
        foreach ((string name, long count) in SoftirqName.InVectorOrder.Zip(stat.SoftirqsByVector))
            Assert.True(softirqs[name]!.Total <= count && count - softirqs[name]!.Total < 100, $"{name}: {count} against {softirqs[name]!.Total}");
    }
}
