# board: pc
# proves: what ethtool says of coalescing settings this driver does not take, and of wrong arguments
ethtool -C eth1 rx-frames 3; echo $?
ethtool -C eth1 tx-usecs 3; echo $?
ethtool -C eth1 rx-usecs 100000; echo $?
ethtool -C eth1 rx-usecs; echo $?
ethtool -C eth1 rx-usecs x; echo $?
ethtool -C eth1 rubbish 3; echo $?
ethtool -C eth1; echo $?
