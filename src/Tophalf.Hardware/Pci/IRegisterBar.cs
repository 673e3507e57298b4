namespace Tophalf.Hardware.Pci;

/// <summary>Registers of a PCI function behind a base address register. Code that runs ahead of the clock says at which moment it reads or writes.</summary>
public interface IRegisterBar
{
    uint Read32(int offset, long atPs);
    void Write32(int offset, uint value, long atPs);
}
