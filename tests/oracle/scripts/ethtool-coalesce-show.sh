# board: pc
# proves: ethtool -c, line for line
ethtool -c eth1
