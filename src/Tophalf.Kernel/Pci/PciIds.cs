namespace Tophalf.Kernel.Pci;

/// <summary>What a PCI function says it is: vendor and device identification, and its class (base class, subclass, interface).</summary>
public readonly record struct PciId(ushort Vendor, ushort Device, int Class)
{
    public const int Ethernet = 0x02_00_00, Nvme = 0x01_08_02, Scsi = 0x01_00_00, Other = 0x00_ff_00;

    private const ushort Intel = 0x8086;

    /// <summary>
    /// The cards of the twin, by model: a usual one of each family, as the drivers' tables have them (…_pci_tbl). QEMU's virtio devices are transitional (Virtio 1.2 §4.1.2.1).
    /// </summary>
    public static PciId Of(string model) => model switch
    {
        "e1000" => new(Intel, 0x100f, Ethernet), // 82545EM
        "e1000e" => new(Intel, 0x10d3, Ethernet), // 82574L
        "igb" => new(Intel, 0x1521, Ethernet), // I350
        "igbvf" => new(Intel, 0x1520, Ethernet),
        "ixgbe" => new(Intel, 0x10fb, Ethernet), // 82599ES
        "ixgbevf" => new(Intel, 0x10ed, Ethernet),
        "i40e" => new(Intel, 0x1583, Ethernet), // XL710
        "iavf" => new(Intel, 0x154c, Ethernet),
        "ice" => new(Intel, 0x1592, Ethernet), // E810-C
        "mlx5" => new(0x15b3, 0x1017, Ethernet), // ConnectX-5
        "bnxt" => new(0x14e4, 0x16d7, Ethernet), // BCM57414
        "virtio-net" => new(0x1af4, 0x1000, Ethernet),
        "virtio-blk" => new(0x1af4, 0x1001, Scsi),
        "ena" => new(0x1d0f, 0xec20, Ethernet),
        "gve" => new(0x1ae0, 0x0042, Ethernet),
        "lance" => new(0x1022, 0x2000, Ethernet), // Am79C970
        "nvme" => new(0x1b36, 0x0010, Nvme), // QEMU's
        _ => new(0, 0, Other),
    };
}
