namespace Tophalf.Hardware.Controllers;

/// <summary>The local interrupt sources, each with one entry of the local vector table.</summary>
public enum LvtSource : byte { Cmci, Timer, Thermal, Performance, Lint0, Lint1, Error }

/// <summary>
/// One LVT entry (SDM 3A figure 11-8).
/// <code>
///   18..17 timer mode   16 mask   15 trigger (LINT)   14 remote IRR (RO, LINT)   13 polarity (LINT)   12 delivery status (RO)   10..8 delivery   7..0 vector
/// </code>
/// </summary>
public readonly record struct LvtEntry(uint Raw)
{
    public const uint MaskBit = 1 << 16, LevelBit = 1 << 15, RemoteIrrBit = 1 << 14;

    public static LvtEntry Reset => new(MaskBit);

    public byte Vector => (byte)Raw;
    public DeliveryMode Mode => (DeliveryMode)(Raw >> 8 & 7);
    public bool IsActiveLow => (Raw >> 13 & 1) != 0;
    public bool RemoteIrr => (Raw & RemoteIrrBit) != 0;
    public bool IsMasked => (Raw & MaskBit) != 0;
    public ApicTimerMode TimerMode => (ApicTimerMode)(Raw >> 17 & 3);

    /// <summary>Trigger matters for fixed delivery only; NMI, SMI and INIT are edges, ExtINT follows the line (SDM 3A §11.5.1).</summary>
    public bool IsLevel => (Raw & LevelBit) != 0 && Mode == DeliveryMode.Fixed;

    public LvtEntry Masked => new(Raw | MaskBit);
    public LvtEntry WithRemoteIrr(bool set) => new(set ? Raw | RemoteIrrBit : Raw & ~RemoteIrrBit);
}

/// <summary>The seven entries. While the APIC is disabled by software every mask bit is one and stays so.</summary>
public sealed class LocalVectorTable
{
    private const int Sources = 7;
    private readonly LvtEntry[] _entries = new LvtEntry[Sources];

    public LocalVectorTable() => Reset();

    public LvtEntry this[LvtSource source] { get => _entries[(int)source]; set => _entries[(int)source] = value; }

    public void Reset() => Array.Fill(_entries, LvtEntry.Reset);

    public void MaskAll()
    {
        for (int i = 0; i < Sources; i++) _entries[i] = _entries[i].Masked;
    }

    /// <summary>A register write; <paramref name="value"/> has its reserved bits already off. LINT1 is always edge (SDM 3A §11.5.1).</summary>
    public void Write(LvtSource source, uint value, bool softwareEnabled)
    {
        uint remoteIrr = this[source].Raw & LvtEntry.RemoteIrrBit;
        if (source == LvtSource.Lint1) value &= ~LvtEntry.LevelBit;
        var entry = new LvtEntry(value | (softwareEnabled ? 0 : LvtEntry.MaskBit));
        this[source] = entry.IsLevel ? entry.WithRemoteIrr(remoteIrr != 0) : entry;
    }

    /// <summary>The entry at a register offset, or null.</summary>
    public static LvtSource? At(uint offset) => offset switch
    {
        0x2F0 => LvtSource.Cmci,
        0x320 => LvtSource.Timer,
        0x330 => LvtSource.Thermal,
        0x340 => LvtSource.Performance,
        0x350 => LvtSource.Lint0,
        0x360 => LvtSource.Lint1,
        0x370 => LvtSource.Error,
        _ => null,
    };
}
