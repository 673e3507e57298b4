# board: q35
# proves: ethtool -c, line for line
ethtool -c eth1
