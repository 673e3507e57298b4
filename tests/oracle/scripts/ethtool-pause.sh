# board: pc
# proves: ethtool -a and -A of e1000 and e1000e: what is shown, set, refused and kept
ethtool -A eth0 autoneg off rx off tx off
ethtool -a eth0
ethtool -a eth1
ethtool -A eth1 autoneg off rx off tx off
ethtool -a eth1
ethtool -A eth1 tx on
ethtool -a eth1
ethtool -A eth1 rx on
ethtool -A eth1 autoneg on
ethtool -a eth1
ethtool -A eth1 tx off
ethtool -a eth1
ethtool -A eth1 rx maybe
ethtool -A eth1 sideways on
ethtool -A eth1
ethtool -a eth7
ethtool -A eth7 rx on
ethtool -A eth0 autoneg off rx on tx off
ethtool -a eth0
