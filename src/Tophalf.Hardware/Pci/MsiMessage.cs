using Tophalf.Hardware.Controllers;

namespace Tophalf.Hardware.Pci;

/// <summary>What a compatibility-format message says. The destination has 15 bits: eight, and seven more that hypervisors made room for.</summary>
public readonly record struct MsiFields(
    byte Vector, uint Destination, DeliveryMode Mode = DeliveryMode.Fixed, bool Logical = false, bool RedirectionHint = false, bool Level = false, bool Assert = false);

/// <summary>
/// Address and data of a message-signalled interrupt in compatibility format (SDM 3A §11.11).
/// <code>
///   address 31..20 0xFEE | 19..12 destination id 7..0 | 11..5 destination id 14..8 | 4 format (0) | 3 redirection hint | 2 destination mode (1 = logical) | 1..0 0
///   data    15 trigger (1 = level) | 14 assert | 10..8 delivery mode | 7..0 vector
/// </code>
/// </summary>
public readonly record struct MsiMessage(ulong Address, uint Data)
{
    public const uint LargestDestination = 0x7FFF;
    private const ulong AddressPrefix = 0xFEE, FormatBit = 1 << 4, HintBit = 1 << 3, LogicalBit = 1 << 2, AddressZeros = 3;
    private const uint DataReserved = 0xFFFF_3800;

    /// <summary>Fixed and edge to one processor, as Linux composes it.</summary>
    public static MsiMessage To(uint apicId, byte vector) => new(AddressOf(apicId), vector);

    public bool IsInterrupt => Address >> 20 == AddressPrefix;

    /// <summary>Bit 4: the address is a handle for interrupt remapping hardware, and the fields here do not apply.</summary>
    public bool IsRemappable => (Address & FormatBit) != 0;

    private uint Destination => (uint)(Address >> 12 & 0xFF) | (uint)(Address >> 5 & 0x7F) << 8;

    /// <summary>
    /// The interrupt hardware makes of it, without asking whether it is legal. The redirection hint with a logical destination
    /// asks for the one least busy of those named.
    /// </summary>
    public InterruptMessage Decode()
    {
        var mode = (DeliveryMode)(Data >> 8 & 7);
        bool logical = (Address & LogicalBit) != 0;
        if (mode == DeliveryMode.Fixed && logical && (Address & HintBit) != 0) mode = DeliveryMode.LowestPriority;
        return new((byte)Data, InterruptMessage.Widen(Destination), logical, (Data >> 15 & 1) != 0, mode);
    }

    /// <summary>The fields, or false if a reserved bit is set, the delivery mode is reserved, or a fixed vector lies outside 0x10–0xFE.</summary>
    public bool TryParse(out MsiFields fields)
    {
        fields = new MsiFields(
            (byte)Data, Destination, (DeliveryMode)(Data >> 8 & 7), (Address & LogicalBit) != 0, (Address & HintBit) != 0, (Data >> 15 & 1) != 0, (Data >> 14 & 1) != 0);
        return IsInterrupt && (Address & (FormatBit | AddressZeros)) == 0 && (Data & DataReserved) == 0 && IsLegal(fields);
    }

    /// <summary>The message that says this.</summary>
    /// <exception cref="ArgumentException">The fields have no legal encoding.</exception>
    public static MsiMessage Encode(in MsiFields fields)
    {
        if (!IsLegal(fields)) throw new ArgumentException($"no MSI message says {fields}", nameof(fields));
        return new(
            AddressOf(fields.Destination) | (fields.RedirectionHint ? HintBit : 0) | (fields.Logical ? LogicalBit : 0),
            fields.Vector | (uint)fields.Mode << 8 | (fields.Assert ? 1u << 14 : 0) | (fields.Level ? 1u << 15 : 0));
    }

    private static bool IsLegal(in MsiFields fields) => fields.Destination <= LargestDestination && fields.Mode switch
    {
        DeliveryMode.Fixed or DeliveryMode.LowestPriority => fields.Vector is >= 0x10 and <= 0xFE,
        DeliveryMode.Smi => fields.Vector == 0,
        DeliveryMode.Nmi or DeliveryMode.Init or DeliveryMode.ExtInt => true,
        _ => false,
    };

    private static ulong AddressOf(uint apicId)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(apicId, LargestDestination);
        return AddressPrefix << 20 | (ulong)(apicId & 0xFF) << 12 | (ulong)(apicId >> 8) << 5;
    }
}
