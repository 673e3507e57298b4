# board: pc
# proves: what ethtool says of ring sizes a driver does not take
ethtool -G eth1 rx 100000; echo $?
ethtool -G eth1 rx-mini 100; echo $?
ethtool -G eth1 rx; echo $?
ethtool -G eth1 rx x; echo $?
ethtool -G eth1 rx 256; echo $?
