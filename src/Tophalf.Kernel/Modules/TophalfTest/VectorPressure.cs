using Tophalf.Kernel.Irq;

namespace Tophalf.Kernel.Modules.TophalfTest;

/// <summary>Lines that have a vector each and nothing else, requested until the machine has none left.</summary>
internal sealed class VectorPressure(Kernel kernel, TestLog log)
{
    private const int Most = 1024;

    private readonly ApicChip _chip = new();
    private readonly List<IrqDesc> _lines = [];
    private int _requests;

    public void On(uint count)
    {
        Off();
        while (_lines.Count < Math.Min(count, Most)) _lines.Add(kernel.Irqs.AddMessage(_chip, entry: 0));
        int error = 0;
        for (; _requests < _lines.Count && error == 0; _requests += error == 0 ? 1 : 0)
            error = kernel.Irqs.RequestIrq(_lines[_requests].Irq, (_, _) => IrqReturn.Handled, IrqFlags.None, "pressed", this);
        log.Note($"pressure: {_lines.Count} lines, {_requests} requested, error {error}");
    }

    public void Off()
    {
        for (int i = 0; i < _lines.Count; i++)
        {
            if (i < _requests) kernel.Irqs.FreeIrq(_lines[i].Irq, this);
            kernel.Irqs.Remove(_lines[i]);
        }
        _lines.Clear();
        _requests = 0;
    }

    /// <summary>lapic_controller: a vector without a device behind it.</summary>
    private sealed class ApicChip : IrqChip
    {
        public override string Name => "APIC";
        public override bool IsSoftware => true;

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
