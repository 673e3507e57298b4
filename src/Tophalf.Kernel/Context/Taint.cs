using System.Text;

namespace Tophalf.Kernel.Context;

/// <summary>Why a report of this kernel may mislead (include/linux/panic.h), with the bits of /proc/sys/kernel/tainted.</summary>
[Flags]
public enum Taint : uint
{
    None = 0,
    Die = 1 << 7,
    Warn = 1 << 9,
    SoftLockup = 1 << 14,
}

internal static class TaintText
{
    /// <summary>A letter for each bit; G where no proprietary module is loaded (kernel/panic.c, taint_flags).</summary>
    private const string Letters = "PFSRMBUDAWCIOELKXTNJ";

    public static string Text(this Taint taint)
    {
        if (taint == Taint.None) return "Not tainted";
        var text = new StringBuilder("Tainted: G");
        for (int bit = 1; bit < Letters.Length; bit++) text.Append(((uint)taint >> bit & 1) != 0 ? Letters[bit] : ' ');
        return text.ToString();
    }
}
