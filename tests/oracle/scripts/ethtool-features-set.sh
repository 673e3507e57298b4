# board: pc
# proves: ethtool -K of e1000 and e1000e: what goes off with scatter-gather, and what is said of it
ethtool -K eth1 sg off
ethtool -k eth1
ethtool -K eth1 tso on
ethtool -K eth1 sg on
ethtool -k eth1
ethtool -K eth1 tx off
ethtool -k eth1
ethtool -K eth1 tx on
ethtool -K eth1 gro off tso off
ethtool -K eth1 lro on
ethtool -K eth0 rx-checksumming on tso off
ethtool -k eth0
