namespace Tophalf.Hardware.Timers;

/// <summary>A time of day that rings: hour, minute and second, each -1 where the register holds "don't care" (both top bits set).</summary>
internal readonly record struct RtcAlarm(int Hour, int Minute, int Second)
{
    private const int SecondsPerDay = 86_400;

    public static RtcAlarm Decode(byte hour, byte minute, byte second, RtcFormat format) => new(
        IsAny(hour) ? -1 : format.DecodeHour(hour), IsAny(minute) ? -1 : format.Decode(minute), IsAny(second) ? -1 : format.Decode(second));

    /// <summary>Seconds until it rings, 1 to 86,400, from a second of the day that has begun; -1 if no such time exists (minute 75).</summary>
    public int SecondsAfter(int secondOfDay)
    {
        if (Hour > 23 || Minute > 59 || Second > 59) return -1;
        for (int ahead = 1; ahead <= SecondsPerDay;)
        {
            int at = (secondOfDay + ahead) % SecondsPerDay;
            int toNextHour = 3600 - at % 3600, toNextMinute = 60 - at % 60;
            if (Hour >= 0 && at / 3600 != Hour) ahead += toNextHour;
            else if (Minute >= 0 && at / 60 % 60 != Minute) ahead += toNextMinute;
            else if (Second >= 0 && at % 60 != Second) ahead++;
            else return ahead;
        }
        return -1;
    }

    private static bool IsAny(byte value) => (value & 0xC0) == 0xC0;
}
