namespace Tophalf.Hardware.Timers;

/// <summary>How the clock's bytes are written: register B's data mode and 12/24 hour bits (MC146818A data sheet, table 3).</summary>
internal readonly record struct RtcFormat(bool IsBinary, bool Is24Hour)
{
    private const byte Afternoon = 0x80;

    public byte Encode(int value) => (byte)(IsBinary ? value : value / 10 << 4 | value % 10);

    public int Decode(byte value) => IsBinary ? value : (value >> 4) * 10 + (value & 15);

    public byte EncodeHour(int hour)
    {
        if (Is24Hour) return Encode(hour);
        int shown = hour % 12 == 0 ? 12 : hour % 12;
        return (byte)(Encode(shown) | (hour >= 12 ? Afternoon : 0));
    }

    public int DecodeHour(byte value)
    {
        if (Is24Hour) return Decode(value);
        return Decode((byte)(value & ~Afternoon)) % 12 + ((value & Afternoon) != 0 ? 12 : 0);
    }
}
