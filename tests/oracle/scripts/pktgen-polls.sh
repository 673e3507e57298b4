# board: wired
# proves: a burst that comes while softirqs are off is polled in portions of 64, the last of which completes: from which device, by whom, on an e1000, an e1000e and a virtio-net card
touch /tmp/quiet
for d in eth0 eth1 eth2 eth3; do while [ "$(cat /sys/class/net/$d/carrier)" != 1 ]; do sleep 0.1; done; done
insmod /lib/modules/pktgen.ko
cd /proc/net/pktgen
# FROM TO COUNT
burst() {
    echo add_device $1 > kpktgend_0
    for word in "dst_mac $(cat /sys/class/net/$2/address)" 'clone_skb 10000' "burst $3" "count $3"; do echo $word > $1; done
    echo > /sys/kernel/tracing/trace
    echo napi:napi_poll > /sys/kernel/tracing/set_event
    echo start > pgctrl
    echo > /sys/kernel/tracing/set_event
    grep "$2 work" /sys/kernel/tracing/trace | grep -v 'work 0 ' | sed 's/ *\([^ ]*\)-[0-9].*for device/\1:/'
    echo rem_device_all > kpktgend_0
}
for cards in 'eth1 eth0' 'eth0 eth1' 'eth2 eth3'; do
    for count in 200 64 1; do burst $cards $count; done
done
echo > /sys/kernel/tracing/trace
rmmod pktgen
rm /tmp/quiet
