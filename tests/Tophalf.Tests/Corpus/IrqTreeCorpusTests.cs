using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Corpus;

/// <summary>Trees of /proc/irq saved as lines "path: content", unpacked and read as a saved machine.</summary>
public sealed class IrqTreeCorpusTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("tophalf-irq-tree");

    public void Dispose() => _root.Delete(recursive: true);

    [CorpusFact]
    public void Firecracker_guest_shows_where_each_interrupt_goes()
    {
        IrqDirectory tree = Unpack("procirq/01-fc-guest-proc-irq-tree.txt");
        IrqSettings serial = tree[26]!;
        Assert.Equal(CpuMask.Of(0, 1), serial.Affinity);
        Assert.Equal(CpuMask.Of(1), serial.EffectiveAffinity);
        Assert.Equal(CpuMask.Empty, serial.AffinityHint);
        Assert.Equal(-1, serial.Node);
        Assert.Equal(new SpuriousCounts(12, 5, 4294668424), serial.Spurious);
        Assert.Equal(tree.Irqs.Select(irq => irq.Irq).Order(), tree.Irqs.Select(irq => irq.Irq));
    }

    [CorpusTheory]
    [InlineData("procirq/02-hyperv-gen2-coreos-proc-irq-tree.txt")]
    [InlineData("procirq/03-dell-8cpu-proc-irq-tree.txt")]
    public void Every_interrupt_of_a_partial_tree_has_a_node_or_spurious_counts(string name)
    {
        IrqDirectory tree = Unpack(name);
        Assert.NotEmpty(tree.Irqs);
        Assert.All(tree.Irqs, irq => Assert.True(irq.Node is not null || irq.Spurious is not null));
    }

    private IrqDirectory Unpack(string name)
    {
        foreach (string line in CorpusFolder.Text(name).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon < 0)
                continue;
            string path = Path.Combine(_root.FullName, line[..colon]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, line[(colon + 2)..].Replace("\\n", "\n", StringComparison.Ordinal) + "\n");
        }
        return IrqDirectory.Read(new LiveMachine(_root.FullName));
    }
}
