using Tophalf.Hardware.Devices;
using Tophalf.Kernel;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Modules;
using Tophalf.Kernel.Pci;
using Tophalf.Kernel.Procfs;
using Tophalf.Linux;
using Tophalf.Twin;
using Tophalf.Twin.Scenarios;

Scenario board = ScenarioFile.Parse("machine: {cores: 2}\ndevices: {teacher: {model: edu, irq: 10}}\n", "board");
TwinMachine machine = MachineBuilder.Build(board, seed: 1, exact: false);
machine.Kernel.Modules.Add("edu", () => new EduModule());
Console.Write(machine.Run(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "try.sh"))).Output);

internal sealed class EduModule : LoadableModule
{
    private Kernel _kernel = null!;
    private PciDev _dev = null!;
    private uint _interrupts, _status;

    public override string Name => "edu";

    public override Errno Init(Kernel kernel)
    {
        _kernel = kernel;
        if (kernel.Pci.GetDevice(EduDevice.VendorId, EduDevice.DeviceId) is not { } dev) return Errno.ENODEV;
        _dev = dev;
        int error = kernel.Pci.AllocIrqVector(dev, PciIrq.Msi | PciIrq.Intx);
        if (error > 0) error = kernel.Irqs.RequestIrq(PciBus.IrqVector(dev), Handle, IrqFlags.Shared, "edu", this);
        if (error == 0) kernel.ProcEntries.Create("edu", new ProcEntry(Show, Raise));
        return (Errno)(-error);
    }

    private IrqReturn Handle(int irq, object? devId)
    {
        uint status = _kernel.Pci.Readl(_dev.Bar0, EduDevice.InterruptStatus);
        if (status == 0) return IrqReturn.None;
        _kernel.Pci.Writel(status, _dev.Bar0, EduDevice.AcknowledgeInterrupt);
        (_interrupts, _status) = (_interrupts + 1, status);
        return IrqReturn.Handled;
    }

    private string Show() => $"{_interrupts} interrupts, last status {_status}\n";

    private Errno Raise(string text)
    {
        if (!uint.TryParse(text.Trim(), out uint bits)) return Errno.EINVAL;
        _kernel.Pci.Writel(bits, _dev.Bar0, EduDevice.RaiseInterrupt);
        return Errno.None;
    }

    public override IEnumerable<Sleep> Exit()
    {
        _kernel.ProcEntries.Remove("edu");
        yield return Sleep.During(freed => _kernel.Irqs.FreeIrq(PciBus.IrqVector(_dev), this, freed));
        _kernel.Pci.FreeIrqVectors(_dev);
    }
}
