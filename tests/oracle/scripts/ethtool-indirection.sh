# board: pc
# proves: what ethtool says where a driver has no indirection table
# differs: the twin's e1000e has an indirection table, as no real one does
ethtool -x eth1; echo $?
ethtool -X eth1 equal 2; echo $?
