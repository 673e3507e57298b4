using Tophalf.Kernel.Irq;
using Tophalf.Linux;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Nmi;

/// <summary>request_nmi and free_nmi (kernel/irq/manage.c): a line may be an NMI only where its chip can, for one owner on each processor, and enabled by hand.</summary>
public class RequestNmiTests
{
    private const IrqFlags Good = IrqFlags.PerCpu | IrqFlags.NoAutoEn;

    private readonly KernelBench _bench = new();

    private int Request(IrqChip chip, IrqFlags flags, out IrqDesc line, bool handler = true)
    {
        line = _bench.Irqs.AddLine(chip, FlowKind.PerCpu);
        return _bench.Irqs.RequestNmi(line.Irq, handler ? (_, _) => IrqReturn.Handled : null, flags, "pmu", this);
    }

    [Fact]
    public void No_chip_of_a_pc_can() => Assert.Equal(-(int)Errno.EINVAL, _bench.Irqs.RequestNmi(_bench.Pin(5, isLevel: true).Line.Irq, (_, _) => IrqReturn.Handled, Good, "pmu", this));

    [Theory]
    [InlineData(Good, true, 0)]
    [InlineData(IrqFlags.PerCpu, true, -22)]
    [InlineData(IrqFlags.NoAutoEn, true, -22)]
    [InlineData(Good | IrqFlags.Shared, true, -22)]
    [InlineData(Good | IrqFlags.IrqPoll, true, -22)]
    [InlineData(Good | IrqFlags.CondSuspend, true, -22)]
    [InlineData(Good, false, -22)]
    public void Where_one_can_it_has_to_be_asked_in_the_right_way(IrqFlags flags, bool handler, int expected) =>
        Assert.Equal(expected, Request(new NmiChip(), flags, out _, handler));

    [Fact]
    public void Nobody_shares_it()
    {
        Assert.Equal(0, Request(new NmiChip(), Good, out IrqDesc line));
        Assert.Equal(-(int)Errno.EINVAL, _bench.Irqs.RequestIrq(line.Irq, (_, _) => IrqReturn.Handled, IrqFlags.Shared, "other", _bench));
        Assert.Contains($"genirq: Invalid attempt to share NMI for other (irq {line.Irq}) on irqchip nmi.", _bench.Log);
    }

    [Fact]
    public void Freed_it_is_an_ordinary_line_again_and_only_an_nmi_is_freed_so()
    {
        Assert.Equal(0, Request(new NmiChip(), Good, out IrqDesc line));
        Assert.True(_bench.Irqs.FreeNmi(line.Irq));
        Assert.False(_bench.Irqs.FreeNmi(line.Irq));
        Assert.Empty(line.Actions);
        Assert.Equal(0, _bench.Irqs.RequestIrq(line.Irq, (_, _) => IrqReturn.Handled, IrqFlags.None, "other", _bench));
    }

    /// <summary>As the GIC of ARM has: its lines may be NMIs.</summary>
    private sealed class NmiChip : IrqChip
    {
        public override string Name => "nmi";
        public override IrqChipFlags Flags => IrqChipFlags.SupportsNmi;
        public override bool UsesVectors => false;

        public override void Mask(IrqDesc desc, long nowPs)
        {
        }

        public override void Unmask(IrqDesc desc, long nowPs)
        {
        }

        public override void Program(IrqDesc desc, uint apicId, long nowPs)
        {
        }
    }
}
