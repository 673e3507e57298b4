# board: q35
# proves: ethtool -g, line for line
ethtool -g eth1
