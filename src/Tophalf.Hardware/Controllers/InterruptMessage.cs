namespace Tophalf.Hardware.Controllers;

/// <summary>Delivery modes of an interrupt message (SDM 3A, ICR and MSI data register; 82093AA §3.2.4). 3 is reserved.</summary>
public enum DeliveryMode : byte { Fixed = 0, LowestPriority = 1, Smi = 2, Nmi = 4, Init = 5, Startup = 6, ExtInt = 7 }

/// <summary>
/// An interrupt on its way to one or more local APICs, whoever sent it: a device's memory write, an I/O APIC pin, another processor.
/// The destination is 32 bits wide; a sender that has only eight widens 0xFF, "all", with <see cref="Widen"/>.
/// </summary>
public readonly record struct InterruptMessage(byte Vector, uint Destination, bool Logical = false, bool Level = false, DeliveryMode Mode = DeliveryMode.Fixed)
{
    /// <summary>Broadcast in a 32-bit destination (SDM 3A §11.12.9); in an 8-bit one it is <see cref="AllXApics"/>.</summary>
    public const uint AllIds = 0xFFFF_FFFF;
    public const uint AllXApics = 0xFF;

    public static uint Widen(uint destination) => destination == AllXApics ? AllIds : destination;

    public override string ToString() =>
        $"vector 0x{Vector:x2} to {(Logical ? "logical" : "physical")} APIC id {Destination}, {Mode.ToString().ToLowerInvariant()}, {(Level ? "level" : "edge")}";
}
