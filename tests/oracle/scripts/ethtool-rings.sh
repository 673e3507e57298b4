# board: pc
# proves: ethtool -g, line for line
ethtool -g eth1
