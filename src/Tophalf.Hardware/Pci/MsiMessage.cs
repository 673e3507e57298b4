using Tophalf.Hardware.Controllers;

namespace Tophalf.Hardware.Pci;

/// <summary>
/// Address and data of a message-signalled interrupt in compatibility format (SDM 3A §11.11).
/// <code>
///   address 31..20 0xFEE | 19..12 destination id | 4 format (0) | 3 redirection hint | 2 destination mode (1 = logical)
///   data    15 trigger (1 = level) | 14 assert | 10..8 delivery mode | 7..0 vector
/// </code>
/// </summary>
public readonly record struct MsiMessage(ulong Address, uint Data)
{
    public static MsiMessage To(uint apicId, byte vector) => new(0xFEE0_0000 | ((ulong)apicId << 12), vector);

    public bool IsInterrupt => Address >> 20 == 0xFEE;

    public InterruptMessage Decode() => new(
        (byte)Data, (uint)(Address >> 12) & 0xFF, (Address >> 2 & 1) != 0, (Data >> 15 & 1) != 0, (DeliveryMode)(Data >> 8 & 7));
}
