# board: wired
# proves: threaded: who polls instead of the softirq, by name, in which portions; the file takes 0 and 1 and nothing else
# erase: napi/eth0-(\d+)
# erase: napi/eth3-(\d+)
touch /tmp/quiet
for d in eth0 eth1 eth2 eth3; do while [ "$(cat /sys/class/net/$d/carrier)" != 1 ]; do sleep 0.1; done; done
insmod /lib/modules/pktgen.ko
cd /proc/net/pktgen
for pair in 'eth1 eth0' 'eth2 eth3'; do
    set -- $pair
    cat /sys/class/net/$2/threaded
    echo 1 > /sys/class/net/$2/threaded; echo $?
    cat /sys/class/net/$2/threaded
    echo 2 > /sys/class/net/$2/threaded; echo $?
    echo x > /sys/class/net/$2/threaded; echo $?
    echo add_device $1 > kpktgend_0
    for word in "dst_mac $(cat /sys/class/net/$2/address)" 'clone_skb 10000' 'burst 200' 'count 200'; do echo $word > $1; done
    before=$(cat /sys/class/net/$2/statistics/rx_packets)
    echo > /sys/kernel/tracing/trace
    echo napi:napi_poll > /sys/kernel/tracing/set_event
    echo start > pgctrl
    sleep 0.1
    echo > /sys/kernel/tracing/set_event
    grep "$2 work" /sys/kernel/tracing/trace | grep -v 'work 0 ' | sed 's/ *\([^ ]*\)-[0-9]* .*for device/\1:/'
    echo $(($(cat /sys/class/net/$2/statistics/rx_packets) - before))
    echo 0 > /sys/class/net/$2/threaded
    echo rem_device_all > kpktgend_0
done
echo > /sys/kernel/tracing/trace
rmmod pktgen
rm /tmp/quiet
