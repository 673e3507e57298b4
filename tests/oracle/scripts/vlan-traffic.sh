# board: wired
# proves: tagged frames of pktgen: who counts them when their VLAN has a device, when that is down, when the card takes no tags out, and when the VLAN is not in the card's filter
touch /tmp/quiet
for d in eth0 eth1 eth2 eth3; do while [ "$(cat /sys/class/net/$d/carrier)" != 1 ]; do sleep 0.1; done; done
insmod /lib/modules/pktgen.ko
# QEMU's e1000 keeps frames back for a second after its receiver was set up anew, and an e1000e is without its link for a while.
settle() { sleep 2; while [ "$(cat /sys/class/net/$1/carrier)" != 1 ]; do sleep 0.1; done; sleep 1.2; }
# FROM TO VLAN
send() {
    settle $2
    cd /proc/net/pktgen
    echo add_device $1 > kpktgend_0
    for p in "dst_mac $(cat /sys/class/net/$2/address)" "count 100" "pkt_size 100" "delay 20000" "vlan_id $3"; do echo $p > $1; done
    before=$(cat /sys/class/net/$2/statistics/rx_packets)
    echo start > pgctrl
    sleep 0.1
    echo rem_device_all > kpktgend_0
    echo "$1 to $2, VLAN $3: $(($(cat /sys/class/net/$2/statistics/rx_packets) - before)) received, $(cat /sys/class/net/$2.5/statistics/rx_packets) packets and $(cat /sys/class/net/$2.5/statistics/rx_bytes) bytes by $2.5"
    cat /sys/class/net/$2/statistics/rx_dropped
}
pair() {
    ip link add link $2 name $2.5 type vlan id 5
    send $1 $2 5
    ip link set $2.5 up
    send $1 $2 5
    [ $2 = eth1 ] || send $1 $2 6
    ethtool -K $2 rxvlan off 2>/dev/null
    send $1 $2 5
    send $1 $2 0
    ethtool -K $2 rxvlan on 2>/dev/null
    cat /proc/net/vlan/$2.5
    ip link delete $2.5
}
pair eth1 eth0
pair eth0 eth1
pair eth2 eth3
rmmod pktgen
rm /tmp/quiet
