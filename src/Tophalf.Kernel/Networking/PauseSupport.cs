using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>Flow control (struct ethtool_pauseparam): frames of the other side that ask for a pause are obeyed, and sent.</summary>
public readonly record struct PauseSettings(bool Autoneg, bool Rx, bool Tx);

/// <summary>What a driver does with <c>ethtool -A</c> (set_pauseparam of its struct ethtool_ops).</summary>
/// <param name="AtFirst">What it starts with, a link partner that takes everything on the other side.</param>
public sealed record PauseSupport(PauseSettings AtFirst)
{
    /// <summary>What it answers when autoneg is to become something else; None: it may.</summary>
    public Errno AutonegAnswer { get; init; }

    /// <summary>While autoneg is on both directions are asked for, and given, whatever was wanted of each.</summary>
    public bool AutonegTakesBoth { get; init; }

    /// <summary>e1000_ethtool.c, with the EEPROM of QEMU's card.</summary>
    public static PauseSupport E1000 { get; } = new(new PauseSettings(Autoneg: true, Rx: true, Tx: false));

    /// <summary>e1000e/ethtool.c and igb_ethtool.c.</summary>
    public static PauseSupport Gigabit { get; } = new(new PauseSettings(Autoneg: true, Rx: true, Tx: true)) { AutonegTakesBoth = true };

    /// <summary>ixgbe_ethtool.c: fibre at 10 Gb/s has nothing to negotiate with (ixgbe_device_supports_autoneg_fc).</summary>
    public static PauseSupport Ixgbe { get; } = new(new PauseSettings(Autoneg: false, Rx: true, Tx: true)) { AutonegAnswer = Errno.EINVAL };

    /// <summary>i40e_ethtool.c: off (I40E_FC_NONE), and autonegotiation is <c>ethtool -s</c>'s.</summary>
    public static PauseSupport I40e { get; } = new(new PauseSettings(Autoneg: false, Rx: false, Tx: false)) { AutonegAnswer = Errno.EOPNOTSUPP };

    /// <summary>ice_ethtool.c, likewise, on a link that was negotiated.</summary>
    public static PauseSupport Ice { get; } = new(new PauseSettings(Autoneg: true, Rx: false, Tx: false)) { AutonegAnswer = Errno.EOPNOTSUPP };

    /// <summary>mlx5/core/en_ethtool.c, mlx5e_ethtool_set_pauseparam.</summary>
    public static PauseSupport Mlx5 { get; } = new(new PauseSettings(Autoneg: false, Rx: true, Tx: true)) { AutonegAnswer = Errno.EINVAL };

    /// <summary>bnxt_ethtool.c.</summary>
    public static PauseSupport Bnxt { get; } = new(new PauseSettings(Autoneg: true, Rx: true, Tx: true));

    /// <summary>The settings after the change; an error number where it is refused.</summary>
    public Errno Apply(PauseSettings now, bool? autoneg, bool? rx, bool? tx, out PauseSettings set)
    {
        set = new PauseSettings(autoneg ?? now.Autoneg, rx ?? now.Rx, tx ?? now.Tx);
        if (set.Autoneg != now.Autoneg && AutonegAnswer != Errno.None) return AutonegAnswer;
        if (set.Autoneg && AutonegTakesBoth) set = set with { Rx = true, Tx = true };
        return Errno.None;
    }
}
