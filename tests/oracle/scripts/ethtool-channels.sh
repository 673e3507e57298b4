# board: pc
# proves: what ethtool says where a driver has no channels to show or set
ethtool -l eth1; echo $?
ethtool -L eth1 combined 2; echo $?
ethtool -l eth9; echo $?
