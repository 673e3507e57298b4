using Tophalf.Advisor;
using Tophalf.Linux;
using Tophalf.Tests.Corpus;
using Xunit;

namespace Tophalf.Tests.Advisor;

/// <summary>What single files of other people's machines give away.</summary>
public sealed class CorpusConditionTests
{
    [CorpusTheory]
    [InlineData("queues-on-one-cpu", "interrupts/07-q6700-4cpu-mlx5.txt", "interrupts/19-e3-1271-x710.txt")]
    [InlineData("queues-above-cpus", "interrupts/28-irqcli-2cpu-64queues.txt", "interrupts/08-i5-6400-4cpu-2xi350.txt")]
    [InlineData("shared-line", "interrupts/17-kvm-2cpu-e1000-shared11.txt", "interrupts/07-q6700-4cpu-mlx5.txt")]
    [InlineData("unhandled-line", "interrupts/45-powerbook-g3-irq36-stuck.txt", "interrupts/08-i5-6400-4cpu-2xi350.txt")]
    [InlineData("apic-errors", "interrupts/30-amd-2cpu-comment-lines.txt", "interrupts/07-q6700-4cpu-mlx5.txt")]
    [InlineData("level-as-edge", "interrupts/53-linux260test3-smp-mis12.txt", "interrupts/08-i5-6400-4cpu-2xi350.txt")]
    [InlineData("spurious-vectors", "interrupts/56-xive-kvm-guest-1cpu.txt", "interrupts/08-i5-6400-4cpu-2xi350.txt")]
    public void A_file_alone_shows_it(string rule, string name, string without)
    {
        Assert.Contains(Twins.Corpus(ProcInterrupts.Path, name), finding => finding.Id == rule);
        Assert.DoesNotContain(Twins.Corpus(ProcInterrupts.Path, without), finding => finding.Id == rule);
    }

    [CorpusFact]
    public void All_queues_of_a_real_mellanox_on_one_processor_get_a_command_each()
    {
        Finding finding = Twins.Corpus(ProcInterrupts.Path, "interrupts/07-q6700-4cpu-mlx5.txt").First(finding => finding.Id == "queues-on-one-cpu");
        Assert.StartsWith("All 4 active queues of 0000:01:00.0", finding.Says);
        Assert.Equal(3, finding.Try.Count);
    }

    [CorpusFact]
    public void Every_dump_of_the_corpus_gets_a_diagnosis()
    {
        foreach (string name in Directory.EnumerateFiles(Path.Combine(CorpusFolder.Path!, "interrupts"), "*.txt").Select(file => $"interrupts/{Path.GetFileName(file)}"))
        {
            IReadOnlyList<Finding> findings = Twins.Corpus(ProcInterrupts.Path, name);
            Assert.All(findings, finding => Assert.NotEmpty(finding.Evidence));
        }
    }
}
