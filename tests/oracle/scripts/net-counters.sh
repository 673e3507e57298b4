# board: pc
# proves: which counters there are: ethtool -S of e1000 and e1000e, the files of statistics, and of how long packets may be
ethtool -S eth0 | cut -d: -f1
ethtool -S eth1 | cut -d: -f1
ls /sys/class/net/eth1/statistics
cat /sys/class/net/eth0/mtu /sys/class/net/eth1/mtu
for n in 46 45 68 67 1501 9000 9212 9213 9216 9217 16110 16111 65536 -1 x; do
echo $n > /sys/class/net/eth0/mtu
echo $n $?
echo $n > /sys/class/net/eth1/mtu
echo $n $?
done
cat /sys/class/net/eth0/mtu /sys/class/net/eth1/mtu
for d in eth0 eth1; do echo 1500 > /sys/class/net/$d/mtu; done
