using System.Globalization;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>
/// What a driver's ndo_bpf refuses of programs that take a frame in one piece, and what it refuses while one is loaded (ndo_change_mtu, ndo_fix_features): messages and error numbers of
/// igb_main.c, ixgbe_main.c, i40e_main.c, ice_main.c, mlx5/core/en_main.c, bnxt_xdp.c, ena_xdp.c and virtio_net.c. In messages {0} is the packet length asked for, {1} the longest that goes,
/// {2} and {3} the same of frames.
/// </summary>
/// <param name="MostMtu">Longest packet with a program.</param>
public sealed record XdpLimits(int MostMtu)
{
    /// <summary>What the frame has besides the packet, as the driver reckons: header, check sequence, and one tag or two.</summary>
    public int FrameBytes { get; init; } = 26;

    public Errno TooLong { get; init; } = Errno.EINVAL;

    /// <summary>The extended acknowledgement, and the line of dmesg; null: none.</summary>
    public string? Says { get; init; }
    public string? Logs { get; init; }

    /// <summary>Longest packet that may be set while a program is there; null: the driver does not look.</summary>
    public int? MostMtuLater { get; init; }
    public string? LogsLater { get; init; }

    /// <summary>The driver makes it the device's maximum (max_mtu), so that the core refuses more in its own words.</summary>
    public bool SetsMaximum { get; init; }

    /// <summary>A program is refused while LRO is on; else LRO goes off with it, where the driver knows one.</summary>
    public bool RefusesWithLro { get; init; }
    public string? LogsWithLro { get; init; }

    /// <summary>The line of dmesg when LRO is asked for while a program is there; null: none.</summary>
    public string? LogsLro { get; init; }

    /// <summary>A program is refused while there are virtual functions.</summary>
    public bool RefusesWithFunctions { get; init; }

    /// <summary>Each queue pair in use needs another one, of those the device has, for what a program sends.</summary>
    public bool NeedsSpareQueues { get; init; }

    internal string? Format(string? pattern, int mtu, int most) =>
        pattern is null ? null : string.Format(CultureInfo.InvariantCulture, pattern, mtu, most, mtu + FrameBytes, most + FrameBytes);

    /// <summary>Buffers of 3 KB, and of 1648 bytes (2 KB, less what an skb needs around the frame) until long packets are taken.</summary>
    public static XdpLimits Igb { get; } = new(3072 - 26)
    {
        Says = "igb: The RX buffer size is too small for the frame size",
        Logs = "XDP RX buffer size {3} is too small for the frame size {2}",
        MostMtuLater = 1648 - 26,
        LogsLater = "Requested MTU size is not supported with XDP. Max frame size is {2}",
    };

    public static XdpLimits Ixgbe { get; } = new(3072 - 22)
    {
        FrameBytes = 22,
        MostMtuLater = 3072 - 26,
        LogsLater = "Requested MTU size is not supported with XDP",
        RefusesWithLro = true,
        LogsLro = "LRO is not supported with XDP",
        RefusesWithFunctions = true,
    };

    public static XdpLimits I40e { get; } = new(3072 - 26) { Says = "i40e: MTU too large to enable XDP", MostMtuLater = 3072 - 26, LogsLater = "Error changing mtu to {0}, Max is {1}" };

    public static XdpLimits Ice { get; } = new(3072 - 26)
    {
        TooLong = Errno.EOPNOTSUPP,
        Says = "ice: MTU is too large for linear frames and XDP prog does not support frags",
        MostMtuLater = 3072 - 26,
        LogsLater = "max MTU for XDP usage is {1}",
    };

    /// <summary>A page, less 256 bytes before the frame and 320 behind it, as the following three.</summary>
    public static XdpLimits Mlx5 { get; } = new(3498)
    {
        Logs = "MTU({0}) > {1}, too big for an XDP program not aware of multi buffer",
        MostMtuLater = 3498,
        LogsLater = "MTU({0}) > {1}, too big for an XDP program not aware of multi buffer",
        RefusesWithLro = true,
        LogsWithLro = "can't set XDP while HW-GRO/LRO is on, disable them first",
        LogsLro = "LRO is incompatible with XDP",
    };

    public static XdpLimits Bnxt { get; } = new(3502) { TooLong = Errno.EOPNOTSUPP, Logs = "MTU {0} larger than {1} without XDP frag support.", SetsMaximum = true };

    public static XdpLimits Ena { get; } = new(3498)
    {
        Says = "ena: Failed to set xdp program, the current MTU is larger than the maximum allowed MTU. Check the dmesg for more info",
        Logs = "Failed to set xdp program, the current MTU ({0}) is larger than the maximum allowed MTU ({1}) while xdp is on",
        SetsMaximum = true,
        NeedsSpareQueues = true,
    };

    public static XdpLimits VirtioNet { get; } = new(3506) { Says = "virtio_net: MTU too large to enable XDP without frags", Logs = "single-buffer XDP requires MTU less than {1}" };
}
