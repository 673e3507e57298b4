# board: pc
# proves: ethtool -C sets rx-usecs, and -c shows it
ethtool -C eth1 rx-usecs 50; echo $?
ethtool -c eth1 | grep '^rx-usecs:'
ethtool -C eth1 rx-usecs 50; echo $?
ethtool -C eth1 rx-usecs 3
ethtool -c eth1 | grep '^rx-usecs:'
