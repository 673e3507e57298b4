# board: wired
# proves: net_rx_action: in which order the card's queue and this processor's backlog are polled, how many packets each, and how often netdev_budget squeezes
touch /tmp/quiet
for d in eth0 eth1 eth2 eth3; do while [ "$(cat /sys/class/net/$d/carrier)" != 1 ]; do sleep 0.1; done; done
insmod /lib/modules/pktgen.ko
cd /proc/net/pktgen
echo add_device eth1 > kpktgend_0
for word in "dst_mac $(cat /sys/class/net/eth0/address)" 'clone_skb 10000' 'burst 200' 'count 200'; do echo $word > eth1; done
run() {
    squeezed=$((0x$(cut -d' ' -f3 /proc/net/softnet_stat)))
    processed=$((0x$(cut -d' ' -f1 /proc/net/softnet_stat)))
    echo > /sys/kernel/tracing/trace
    echo napi:napi_poll > /sys/kernel/tracing/set_event
    echo start > pgctrl
    echo > /sys/kernel/tracing/set_event
    grep -v 'work 0 ' /sys/kernel/tracing/trace | sed -n 's/.*for device/polled/p'
    echo "processed $((0x$(cut -d' ' -f1 /proc/net/softnet_stat) - processed)), squeezed $((0x$(cut -d' ' -f3 /proc/net/softnet_stat) - squeezed))"
    cut -d' ' -f2,10,11 /proc/net/softnet_stat
}
for cpus in 0 1; do
    echo $cpus > /sys/class/net/eth0/queues/rx-0/rps_cpus
    cat /sys/class/net/eth0/queues/rx-0/rps_cpus
    for budget in 300 100 64 1; do
        echo $budget > /proc/sys/net/core/netdev_budget
        echo "budget $budget"
        run
    done
done
echo 0 > /sys/class/net/eth0/queues/rx-0/rps_cpus
echo 300 > /proc/sys/net/core/netdev_budget
echo > /sys/kernel/tracing/trace
echo rem_device_all > kpktgend_0
rmmod pktgen
rm /tmp/quiet
