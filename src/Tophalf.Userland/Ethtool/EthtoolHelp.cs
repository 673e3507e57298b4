namespace Tophalf.Userland.Ethtool;

/// <summary>What ethtool -h prints of the options this one has.</summary>
internal static class EthtoolHelp
{
    public const string Version = "ethtool version 6.1\n";

    public const string Text = Version + """
        Usage:
                ethtool [ FLAGS ] -c|--show-coalesce DEVNAME	Show coalesce options
                ethtool [ FLAGS ] -C|--coalesce DEVNAME	Set coalesce options
        		[adaptive-rx on|off]
        		[adaptive-tx on|off]
        		[rx-usecs N]
        		[rx-frames N]
        		[rx-usecs-irq N]
        		[rx-frames-irq N]
        		[tx-usecs N]
        		[tx-frames N]
        		[tx-usecs-irq N]
        		[tx-frames-irq N]
        		[stats-block-usecs N]
        		[pkt-rate-low N]
        		[rx-usecs-low N]
        		[rx-frames-low N]
        		[tx-usecs-low N]
        		[tx-frames-low N]
        		[pkt-rate-high N]
        		[rx-usecs-high N]
        		[rx-frames-high N]
        		[tx-usecs-high N]
        		[tx-frames-high N]
        		[sample-interval N]
                ethtool [ FLAGS ] -g|--show-ring DEVNAME	Query RX/TX ring parameters
                ethtool [ FLAGS ] -G|--set-ring DEVNAME	Set RX/TX ring parameters
        		[ rx N ]
        		[ tx N ]
                ethtool [ FLAGS ] -i|--driver DEVNAME	Show driver information
                ethtool [ FLAGS ] -S|--statistics DEVNAME	Show adapter statistics
                ethtool [ FLAGS ] -x|--show-rxfh-indir|--show-rxfh DEVNAME	Show Rx flow hash indirection table and/or RSS hash key
                ethtool [ FLAGS ] -X|--set-rxfh-indir|--rxfh DEVNAME	Set Rx flow hash indirection table and/or RSS hash key
        		[ equal N | weight W0 W1 ... | default ]
        		[ hkey %x:%x:%x:%x:%x:.... ]
        		[ hfunc FUNC ]
                ethtool [ FLAGS ] -l|--show-channels DEVNAME	Query Channels
                ethtool [ FLAGS ] -L|--set-channels DEVNAME	Set Channels
        		[ rx N ]
        		[ tx N ]
        		[ other N ]
        		[ combined N ]
                ethtool -h|--help		Show this help
                ethtool --version		Show version number

        """;
}
