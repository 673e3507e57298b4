namespace Tophalf.Hardware.Pci;

/// <summary>One capability in configuration space, read and written a dword at a time, at offsets from its own start.</summary>
public interface IPciCapability
{
    /// <summary>PCI SIG's number: 0x05 MSI, 0x11 MSI-X.</summary>
    byte Id { get; }

    /// <summary>Bytes it takes, a multiple of four.</summary>
    int Size { get; }

    /// <summary>A dword; the first has the id in its low byte and leaves the next pointer, byte 1, to the configuration space.</summary>
    uint Read32(int offset);
    void Write32(int offset, uint value, long nowPs);

    /// <summary>The function signals by messages, so its INTx wire is silent.</summary>
    bool IsEnabled { get; }
}
