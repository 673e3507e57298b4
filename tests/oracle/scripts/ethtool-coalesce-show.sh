# board: pc
# proves: ethtool -c, line for line
# differs: the twin's e1000e says adaptive moderation is off where the driver knows of none
ethtool -c eth1
