namespace Tophalf.Hardware.Controllers;

/// <summary>Delivery modes of an interrupt message (SDM 3A, ICR and MSI data register; 82093AA §3.2.4).</summary>
public enum DeliveryMode : byte { Fixed = 0, LowestPriority = 1, Smi = 2, Nmi = 4, Init = 5, Startup = 6, ExtInt = 7 }

/// <summary>An interrupt on its way to one or more local APICs, whoever sent it: a device's memory write, an I/O APIC pin, another processor.</summary>
public readonly record struct InterruptMessage(byte Vector, uint Destination, bool Logical = false, bool Level = false, DeliveryMode Mode = DeliveryMode.Fixed)
{
    public override string ToString() =>
        $"vector 0x{Vector:x2} to {(Logical ? "logical" : "physical")} APIC id {Destination}, {Mode.ToString().ToLowerInvariant()}, {(Level ? "level" : "edge")}";
}
