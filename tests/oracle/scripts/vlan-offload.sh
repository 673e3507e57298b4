# board: pc
# proves: e1000 and e1000e strip and insert VLAN tags together or not at all, and their filter is not to be changed
for d in eth0 eth1; do
ethtool -K $d rxvlan off; echo $?
ethtool -k $d | grep vlan
ethtool -K $d txvlan on; echo $?
ethtool -K $d rxvlan on; echo $?
ethtool -K $d txvlan off; echo $?
ethtool -k $d | grep vlan
ethtool -K $d rx-vlan-filter off; echo $?
ethtool -K $d rxvlan on txvlan on; echo $?
ethtool -k $d | grep vlan
done
