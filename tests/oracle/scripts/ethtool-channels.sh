# board: pc
# proves: what ethtool says where a driver has no channels to show or set
# differs: the twin's e1000e has channels, as no real one does
ethtool -l eth1; echo $?
ethtool -L eth1 combined 2; echo $?
ethtool -l eth9; echo $?
