# board: pc
# proves: what ethtool says where a driver has no indirection table
ethtool -x eth1; echo $?
ethtool -X eth1 equal 2; echo $?
