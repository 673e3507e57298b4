# board: pc
# proves: VLAN devices: ip link add, delete, up and down and their refusals, how ip -d shows them, /proc/net/vlan, and what their files say
# erase: qdisc (pfifo_fast|fq_codel)
# Other scripts reset the card, whose link then is away for two seconds; and linkwatch tells of a new link from a worker.
for d in eth0 eth1; do while [ "$(cat /sys/class/net/$d/carrier)" != 1 ]; do sleep 0.1; done; done
sleep 0.5
/bin/ip link show dev eth1
/bin/ip -d link show dev eth0
/bin/ip link add link eth1 name eth1.100 type vlan id 100; echo $?
/bin/ip -d link show dev eth1.100
cat /proc/net/vlan/config /proc/net/vlan/eth1.100
cat /sys/class/net/eth1.100/carrier
cat /sys/class/net/eth1.100/operstate /sys/class/net/eth1.100/mtu /sys/class/net/eth1.100/address /sys/class/net/eth1.100/ifindex /sys/class/net/eth1.100/iflink
/bin/ip link set eth1.100 up; echo $?; sleep 0.2
/bin/ip -d link show dev eth1.100
/bin/ip link add link eth1 name again type vlan id 100; echo $?
/bin/ip link add link eth0 name eth1.100 type vlan id 7; echo $?
/bin/ip link add link eth0 name high type vlan id 4095; echo $?
/bin/ip link add link eth0 name none type vlan; echo $?
/bin/ip link add name alone type vlan id 5; echo $?
/bin/ip link add link eth9 name lost type vlan id 5; echo $?
/bin/ip link add link eth0 name x/y type vlan id 5; echo $?
/bin/ip link add link eth0 name bad type vlan id many; echo $?
/bin/ip link add link eth0 v5 type vlan id 5; echo $?
/bin/ip link set eth1.100 mtu 1501; echo $?
/bin/ip link set eth1.100 mtu 1000; echo $?
/bin/ip link set eth1 mtu 900; echo $?
cat /sys/class/net/eth1.100/mtu
/bin/ip link set eth1 mtu 1500; echo $?
cat /sys/class/net/eth1.100/mtu
cat /proc/net/vlan/config
/bin/ip link delete eth9; echo $?
/bin/ip link delete v5; echo $?
/bin/ip link delete dev eth1.100; echo $?
/bin/ip link delete eth1; echo $?
cat /proc/net/vlan/config
cat /proc/net/vlan/eth1.100
/bin/ip link set eth9 up; echo $?
/bin/ip link set eth1 up; echo $?
