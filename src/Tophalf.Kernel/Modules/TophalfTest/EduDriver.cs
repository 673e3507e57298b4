using Tophalf.Hardware.Devices;
using Tophalf.Hardware.Pci;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Pci;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Modules.TophalfTest;

/// <summary>Binds the edu device's interrupt, by its wire or by a message.</summary>
internal sealed class EduDriver
{
    private readonly Kernel _kernel;
    private readonly TestLog _log;
    private PciDev? _edu;
    private bool _deaf;

    public EduDriver(Kernel kernel, TestLog log)
    {
        _kernel = kernel;
        _log = log;
        kernel.Symbols.Add((IrqHandler)Handle, $"edu_handler [{TestModule.ModuleName}]");
    }

    private IRegisterBar Registers => _edu!.Bar0;

    private IrqReturn Handle(int irq, object? devId)
    {
        uint status = _kernel.Pci.Readl(Registers, EduDevice.InterruptStatus);
        if (status == 0 || _deaf) return IrqReturn.None;
        _kernel.Pci.Writel(status, Registers, EduDevice.AcknowledgeInterrupt);
        _log.Note($"edu: status 0x{status:x} in {_log.Context}");
        return IrqReturn.Handled;
    }

    public void Run(IReadOnlyList<string> words)
    {
        switch (words)
        {
            case [_, "off", ..]: Off(); break;
            case [_, "intx" or "msi", ..]: _log.Note($"edu {words[1]}: {On(words[1] == "msi")}"); break;
            case [_, _, ..] when _edu is null: _log.Note("edu is off"); break;
            case [_, "deaf" or "hear", ..]: _deaf = words[1] == "deaf"; break;
            case [_, "raise", var value] when TestWords.TryNumber(value, out long bits) && bits >= 0:
                _kernel.Pci.Writel((uint)bits, Registers, EduDevice.RaiseInterrupt);
                break;
            case [_, "hint", var mask] when TestWords.TryNumber(mask, out long cpus) && cpus >= 0:
                CpuMask.ParseHex(cpus.ToString("x"), _kernel.CpuCount, out CpuMask hint);
                _log.Note($"edu hint: {-(int)_kernel.Irqs.SetAffinityHint(PciBus.IrqVector(_edu!), hint, apply: false)}");
                break;
            default: _log.Note("edu what"); break;
        }
    }

    private int On(bool msi)
    {
        Off();
        PciDev? edu = _kernel.Pci.GetDevice(EduDevice.VendorId, EduDevice.DeviceId);
        if (edu is null) return -(int)Errno.ENODEV;
        int vectors = _kernel.Pci.AllocIrqVector(edu, msi ? PciIrq.Msi : PciIrq.Intx);
        if (vectors < 0) return vectors;
        _edu = edu;
        int error = _kernel.Irqs.RequestIrq(PciBus.IrqVector(edu), Handle, msi ? IrqFlags.None : IrqFlags.Shared, "edu", edu);
        if (error == 0) return 0;
        _kernel.Pci.FreeIrqVectors(edu);
        _edu = null;
        return error;
    }

    public void Off()
    {
        if (_edu is not { } edu) return;
        _kernel.Irqs.SetAffinityHint(PciBus.IrqVector(edu), CpuMask.Empty, apply: false);
        _kernel.Irqs.FreeIrq(PciBus.IrqVector(edu), edu);
        _kernel.Pci.FreeIrqVectors(edu);
        _edu = null;
    }
}
